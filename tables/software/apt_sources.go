package software

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// aptSource is one archive that packages may come from, with what its index says of itself.
type aptSource struct {
	Name          string `col:"name" doc:"Archive without its scheme, and the suite."`
	Source        string `col:"source" doc:"File that names the archive."`
	BaseURI       string `col:"base_uri" doc:"Address of the archive. Credentials are masked."`
	Release       string `col:"release" doc:"Code name of the release; empty where its index was never fetched."`
	Version       string `col:"version" collate:"VERSION_DPKG" doc:"Version of the release."`
	Maintainer    string `col:"maintainer" doc:"Origin of the archive."`
	Components    string `col:"components" doc:"Components that the archive has, joined by blanks."`
	Architectures string `col:"architectures" doc:"Architectures that the archive has, joined by blanks."`
	container.Process
}

// AptSources has a row for each archive and suite of binary packages that is switched on.
// Source: sources.list(5) in both formats, and the indexes below /var/lib/apt/lists.
var AptSources = tables.Define[aptSource](tables.Spec{
	Name: "apt_sources", Doc: "Archives that apt installs packages from.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT name, base_uri, source FROM apt_sources WHERE base_uri LIKE 'http:%'"},
}, generateAptSources)

func generateAptSources(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*aptSource) error) error {
	for _, file := range append([]string{"/etc/apt/sources.list"}, hostfile.Files(ctx, host, "/etc/apt/sources.list.d")...) {
		var parse func([]byte) []aptArchive
		switch path.Ext(file) {
		case ".list":
			parse = parseSourcesList
		case ".sources":
			parse = parseDeb822Sources
		default:
			continue // apt itself passes over other names
		}
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		for _, archive := range parse(data) {
			if err := ctx.Err(); err != nil {
				return err
			}
			row := archive.row(ctx, host)
			row.Source = file
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// aptArchive is an archive's address without a slash at its end, and a suite.
type aptArchive struct{ uri, suite string }

// parseSourcesList reads the one-line format: deb [options] uri suite components.
func parseSourcesList(data []byte) []aptArchive {
	var archives []aptArchive
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		kind, rest, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(line, "\t", " ")), " ")
		if kind != "deb" {
			continue
		}
		if rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "[") {
			_, rest, _ = strings.Cut(rest, "]")
		}
		if f := strings.Fields(rest); len(f) >= 2 && isAddress(f[0]) {
			archives = append(archives, aptArchive{strings.TrimRight(f[0], "/"), f[1]})
		}
	}
	return archives
}

// isAddress tells an address with a scheme and more behind it.
func isAddress(uri string) bool {
	scheme, rest, ok := strings.Cut(uri, "://")
	return ok && scheme != "" && strings.Trim(rest, "/") != ""
}

// parseDeb822Sources reads the format of paragraphs with fields.
func parseDeb822Sources(data []byte) []aptArchive {
	var archives []aptArchive
	fields := map[string]string{}
	last := ""
	flush := func() {
		types := strings.Fields(fields["types"])
		enabled := strings.ToLower(fields["enabled"])
		off := enabled == "no" || enabled == "false" || enabled == "off" || enabled == "0" || enabled == "disable" || enabled == "without"
		for _, kind := range types {
			if kind != "deb" || off {
				continue
			}
			for _, uri := range strings.Fields(fields["uris"]) {
				for _, suite := range strings.Fields(fields["suites"]) {
					if isAddress(uri) {
						archives = append(archives, aptArchive{strings.TrimRight(uri, "/"), suite})
					}
				}
			}
		}
		clear(fields)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.TrimSpace(line) == "":
			flush()
		case line[0] == '#':
		case line[0] == ' ' || line[0] == '\t': // the field before goes on
			fields[last] += line
		default:
			name, value, _ := strings.Cut(line, ":")
			last = strings.ToLower(strings.TrimSpace(name))
			fields[last] = strings.TrimSpace(value)
		}
	}
	flush()
	return archives
}

// row fills in what the fetched index of the archive says.
func (a aptArchive) row(ctx context.Context, host tables.Host) aptSource {
	_, location, _ := strings.Cut(a.uri, "://")
	authority, _, _ := strings.Cut(location, "/")
	location = location[strings.LastIndex(authority, "@")+1:] // without user and password
	row := aptSource{Name: location + " " + a.suite, BaseURI: mask.CommandLine(a.uri)}
	cache := location + "/dists/" + a.suite
	if strings.Contains(a.suite, "/") { // a path instead of a suite: an archive without dists
		cache = location + "/" + strings.Trim(a.suite, "/")
	}
	base := "/var/lib/apt/lists/" + strings.ReplaceAll(strings.TrimRight(cache, "/"), "/", "_")
	for _, name := range []string{base + "_InRelease", base + "_Release"} {
		data, ok := hostfile.OneOfMany(ctx, host, name)
		if !ok {
			continue
		}
		row.release(data)
		break
	}
	return row
}

// release reads the fields before the lists of files of a Release file, signed or not.
func (row *aptSource) release(data []byte) {
	for line := range bytes.Lines(data) {
		name, value, ok := strings.Cut(strings.TrimSpace(string(line)), ":")
		if !ok {
			continue
		}
		switch value = strings.TrimSpace(value); name {
		case "Codename":
			row.Release = value
		case "Version":
			row.Version = value
		case "Origin":
			row.Maintainer = value
		case "Components":
			row.Components = value
		case "Architectures":
			row.Architectures = value
		case "MD5Sum", "SHA1", "SHA256", "SHA512":
			return
		}
	}
}
