package software

import (
	"bytes"
	"context"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// installedSoftware is one thing that is installed, from whichever source.
type installedSoftware struct {
	Name        string              `col:"name" doc:"Name of the package, program or application."`
	Version     string              `col:"version" collate:"VERSION" doc:"Version as the source writes it, with its epoch and revision."`
	Source      string              `col:"source" opt:"index" doc:"What installed it: deb, rpm, apk, portage, snap, pypi, npm, homebrew, chocolatey, program or app."`
	Vendor      string              `col:"vendor" doc:"Who made or packaged it, where the source tells."`
	Arch        string              `col:"arch" doc:"Architecture that it is for, where the source tells."`
	Path        string              `col:"path" doc:"Where it is installed, where the source tells."`
	UID         tables.Null[int64]  `col:"uid" doc:"User for whom it is installed; NULL where it is for all."`
	InstalledAt tables.Null[int64]  `col:"installed_at" doc:"When it was installed, in Unix seconds, where the source tells."`
	SourceName  string              `col:"source_name" doc:"Source package that it was built from, which advisories of distributions name; its own name where it has none."`
	Purl        tables.Null[string] `col:"purl" doc:"Package URL with the version; NULL for sources that have no type of it."`
	CPEVendor   tables.Null[string] `col:"cpe_vendor" doc:"Vendor part of a CPE name as guessed from the vendor; NULL where there is nothing to guess from."`
	CPEProduct  string              `col:"cpe_product" doc:"Product part of a CPE name as guessed from the name of the source package or program."`
}

// InstalledSoftware has a row for each package, program and application of all sources that the system has, those in users' homes
// included. The parts of a CPE name are guesses, to be checked against the dictionary.
// Source: as the tables of the sources; /lib/apk/db/installed and /snap in addition.
var InstalledSoftware = tables.DefineByPlatform(tables.Spec{
	Name: "installed_software", Doc: "All installed software in one shape, with package URLs and guesses of CPE names.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT source, count(*) AS packages FROM installed_software GROUP BY source",
		"SELECT name, version, purl FROM installed_software WHERE source = 'deb' AND source_name = 'openssl'",
	},
}, tables.Generators[installedSoftware]{Linux: generateLinuxSoftware, Darwin: generateDarwinSoftware, Windows: generateWindowsSoftware})

// softwareSink completes rows and leaves out sources that the statement does not ask for.
type softwareSink struct {
	ctx    context.Context
	host   tables.Host
	wanted []string // nil for all
	emit   func(*installedSoftware) error
}

func newSoftwareSink(ctx context.Context, host tables.Host, q *tables.Query, emit func(*installedSoftware) error) *softwareSink {
	return &softwareSink{ctx: ctx, host: host, wanted: q.Equal("source"), emit: emit}
}

// from runs the reader of one source where it is wanted.
func (s *softwareSink) from(source string, read func() error) error {
	if s.wanted != nil && !slices.Contains(s.wanted, source) {
		return nil
	}
	return read()
}

func (s *softwareSink) add(row installedSoftware) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if row.SourceName == "" {
		row.SourceName = row.Name
	}
	row.CPEProduct = cpePart(row.SourceName)
	if row.CPEVendor.V = cpeVendor(row.Vendor); row.CPEVendor.V != "" && (row.Source == "program" || row.Source == "app") {
		row.CPEVendor.Valid = true // who packages for a distribution is not who makes
	} else {
		row.CPEVendor = tables.Null[string]{}
	}
	return s.emit(&row)
}

// cpePart writes a name as CPE names do.
func cpePart(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), "_")
}

// cpeVendor is the first word of a vendor's name, as most vendors of the dictionary are.
func cpeVendor(vendor string) string {
	words := strings.FieldsFunc(strings.ToLower(vendor), func(r rune) bool { return r == ' ' || r == ',' || r == '.' })
	if len(words) == 0 || words[0] == "the" {
		return ""
	}
	return words[0]
}

// purl writes a package URL (github.com/package-url/purl-spec): pkg:deb/debian/curl@7.88.1-10?arch=amd64.
func purl(kind, namespace, name, version string, qualifiers ...string) tables.Null[string] {
	var b strings.Builder
	b.WriteString("pkg:" + kind)
	if namespace != "" {
		b.WriteString("/" + purlEscape(namespace))
	}
	b.WriteString("/" + purlEscape(name))
	if version != "" {
		b.WriteString("@" + purlEscape(version))
	}
	separator := "?"
	for i := 0; i+1 < len(qualifiers); i += 2 {
		if qualifiers[i+1] != "" {
			b.WriteString(separator + qualifiers[i] + "=" + purlEscape(qualifiers[i+1]))
			separator = "&"
		}
	}
	return tables.Some(b.String())
}

// purlEscape leaves the colon, as the specification has it.
func purlEscape(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"), "%3A", ":")
}

// distribution gives the identifier of a Linux distribution, which is the namespace of its packages.
func distribution(host tables.Host) (id, version string) {
	for _, name := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		data, err := host.ReadFile(name)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			value = strings.Trim(value, `"'`)
			switch key {
			case "ID":
				id = value
			case "VERSION_ID":
				version = value
			}
		}
		return id, version
	}
	return "", ""
}

// ofAllUsers makes a query of a table of users' data that answers for every local user.
func ofAllUsers(ctx context.Context, host tables.Host, table *tables.Table) (*tables.Query, error) {
	users, err := accounts.Users(ctx, host)
	if err != nil {
		return nil, err
	}
	uids := make([]string, len(users))
	for i, u := range users {
		uids[i] = strconv.FormatUint(uint64(u.UID), 10)
	}
	return tables.NewQuery(table, []tables.Constraint{{Column: table.Column("uid"), Op: tables.OpEqual, Values: uids}}, nil, -1, nil), nil
}

func generateLinuxSoftware(ctx context.Context, host tables.Host, q *tables.Query, emit func(*installedSoftware) error) error {
	sink := newSoftwareSink(ctx, host, q, emit)
	distro, release := distribution(host)
	for _, s := range []struct {
		name string
		read func() error
	}{
		{"deb", func() error { return sink.debs(distro, release) }},
		{"rpm", func() error { return sink.rpms(distro, release) }},
		{"apk", func() error { return sink.apks(distro) }},
		{"portage", sink.portage},
		{"snap", sink.snaps},
		{"pypi", sink.python},
		{"npm", sink.npm},
		{"homebrew", sink.homebrew},
	} {
		if err := sink.from(s.name, s.read); err != nil {
			return err
		}
	}
	return nil
}

func generateDarwinSoftware(ctx context.Context, host tables.Host, q *tables.Query, emit func(*installedSoftware) error) error {
	sink := newSoftwareSink(ctx, host, q, emit)
	for _, s := range []struct {
		name string
		read func() error
	}{{"app", sink.apps}, {"homebrew", sink.homebrew}, {"pypi", sink.python}, {"npm", sink.npm}} {
		if err := sink.from(s.name, s.read); err != nil {
			return err
		}
	}
	return nil
}

func generateWindowsSoftware(ctx context.Context, host tables.Host, q *tables.Query, emit func(*installedSoftware) error) error {
	sink := newSoftwareSink(ctx, host, q, emit)
	for _, s := range []struct {
		name string
		read func() error
	}{{"program", sink.programs}, {"chocolatey", sink.chocolatey}, {"pypi", sink.python}, {"npm", sink.npm}} {
		if err := sink.from(s.name, s.read); err != nil {
			return err
		}
	}
	return nil
}

func (s *softwareSink) debs(distro, release string) error {
	return eachDebPackage(s.ctx, s.host, dpkgDir, func(p *debPackage) error {
		if !strings.HasSuffix(p.Status, " installed") {
			return nil // what only left its configuration
		}
		source, _, _ := strings.Cut(p.Source, " ")
		return s.add(installedSoftware{
			Name: p.Name, Version: p.Version, Source: "deb", Vendor: p.Maintainer, Arch: p.Arch, SourceName: source,
			Purl: purl("deb", distro, p.Name, p.Version, "arch", p.Arch, "distro", distroQualifier(distro, release)),
		})
	})
}

func distroQualifier(distro, release string) string {
	if distro == "" || release == "" {
		return ""
	}
	return distro + "-" + release
}

func (s *softwareSink) rpms(distro, release string) error {
	return generateRPMPackages(s.ctx, s.host, tables.NewQuery(RPMPackages, nil, nil, -1, nil), func(p *rpmPackage) error {
		version := p.Version + "-" + p.Release
		row := installedSoftware{Name: p.Name, Version: version, Source: "rpm", Vendor: p.Vendor, Arch: p.Arch, InstalledAt: p.InstallTime}
		epoch := ""
		if p.Epoch.Valid && p.Epoch.V != 0 {
			epoch = strconv.FormatInt(p.Epoch.V, 10)
			row.Version = epoch + ":" + version
		}
		row.SourceName = rpmSourceName(p.Source)
		row.Purl = purl("rpm", distro, p.Name, version, "arch", p.Arch, "epoch", epoch, "distro", distroQualifier(distro, release))
		return s.add(row)
	})
}

// rpmSourceName takes version, release and ending off the file name of a source package.
func rpmSourceName(file string) string {
	name := file
	for range 2 {
		at := strings.LastIndexByte(name, '-')
		if at <= 0 {
			return ""
		}
		name = name[:at]
	}
	return name
}

const apkDatabase = "/lib/apk/db/installed"

func (s *softwareSink) apks(distro string) error {
	data, err := hostfile.Source(s.ctx, s.host, apkDatabase)
	if err != nil {
		return err
	}
	return parseAPK(data, func(row installedSoftware) error {
		row.Purl = purl("apk", distro, row.Name, row.Version, "arch", row.Arch)
		return s.add(row)
	})
}

// parseAPK visits the packages of apk's database: blocks of lines LETTER:VALUE, parted by empty lines.
func parseAPK(data []byte, visit func(installedSoftware) error) error {
	for block := range bytes.SplitSeq(data, []byte("\n\n")) {
		row := installedSoftware{Source: "apk"}
		for line := range bytes.Lines(block) {
			key, value, ok := strings.Cut(strings.TrimRight(string(line), "\r\n"), ":")
			if !ok {
				continue
			}
			switch key {
			case "P":
				row.Name = value
			case "V":
				row.Version = value
			case "A":
				row.Arch = value
			case "o":
				row.SourceName = value
			case "m":
				row.Vendor = value
			}
		}
		if row.Name == "" || row.Version == "" {
			continue
		}
		if err := visit(row); err != nil {
			return err
		}
	}
	return nil
}

func (s *softwareSink) portage() error {
	return generatePortagePackages(s.ctx, s.host, tables.NewQuery(PortagePackages, nil, nil, -1, nil), func(p *portagePackage) error {
		return s.add(installedSoftware{Name: p.Package, Version: p.Version, Source: "portage", InstalledAt: p.BuildTime, SourceName: path.Base(p.Package)})
	})
}

// snaps lists the revision of each snap that is current.
func (s *softwareSink) snaps() error {
	files, err := s.host.Glob("/snap/*/current/meta/snap.yaml")
	if err != nil {
		return err
	}
	for _, file := range files {
		data, ok := hostfile.OneOfMany(s.ctx, s.host, file)
		if !ok {
			continue
		}
		row := installedSoftware{Source: "snap", Path: path.Dir(path.Dir(file))}
		for line := range strings.Lines(string(data)) {
			key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":") // keys of the top level begin their lines
			value = strings.Trim(strings.TrimSpace(value), `'"`)
			switch {
			case !ok:
			case key == "name":
				row.Name = value
			case key == "version":
				row.Version = value
			}
		}
		if row.Name == "" {
			continue
		}
		if err := s.add(row); err != nil {
			return err
		}
	}
	return nil
}

func (s *softwareSink) python() error {
	q, err := ofAllUsers(s.ctx, s.host, PythonPackages)
	if err != nil {
		return err
	}
	return generatePythonPackages(s.ctx, s.host, q, func(p *pythonPackage) error {
		row := installedSoftware{Name: p.Name, Version: p.Version, Source: "pypi", Vendor: p.Author, Path: p.Path}
		if p.UID != 0 {
			row.UID = tables.Some(p.UID)
		}
		row.Purl = purl("pypi", "", strings.ReplaceAll(strings.ToLower(p.Name), "_", "-"), p.Version)
		return s.add(row)
	})
}

func (s *softwareSink) npm() error {
	return generateNPMPackages(s.ctx, s.host, tables.NewQuery(NPMPackages, nil, nil, -1, nil), func(p *npmPackage) error {
		scope, name := "", p.Name
		if strings.HasPrefix(name, "@") {
			scope, name, _ = strings.Cut(name, "/")
		}
		return s.add(installedSoftware{
			Name: p.Name, Version: p.Version, Source: "npm", Vendor: p.Author, Path: p.Path, Purl: purl("npm", scope, name, p.Version),
		})
	})
}

func (s *softwareSink) homebrew() error {
	return generateHomebrewPackages(s.ctx, s.host, tables.NewQuery(HomebrewPackages, nil, nil, -1, nil), func(p *homebrewPackage) error {
		return s.add(installedSoftware{Name: p.Name, Version: p.Version, Source: "homebrew", Path: p.Path, Purl: purl("brew", "", p.Name, p.Version)})
	})
}

func (s *softwareSink) apps() error {
	return generateApps(s.ctx, s.host, tables.NewQuery(Apps, nil, nil, -1, nil), func(a *app) error {
		name := strings.TrimSuffix(a.Name, ".app")
		vendor := ""
		if parts := strings.Split(a.BundleIdentifier, "."); len(parts) > 2 { // com.vendor.product
			vendor = parts[1]
		}
		return s.add(installedSoftware{Name: name, Version: a.BundleShortVersion, Source: "app", Vendor: vendor, Path: a.Path})
	})
}

func (s *softwareSink) programs() error {
	return generatePrograms(s.ctx, s.host, tables.NewQuery(Programs, nil, nil, -1, nil), func(p *program) error {
		return s.add(installedSoftware{Name: p.Name, Version: p.Version, Source: "program", Vendor: p.Publisher, Path: p.InstallLocation})
	})
}

func (s *softwareSink) chocolatey() error {
	return generateChocolateyPackages(s.ctx, s.host, tables.NewQuery(ChocolateyPackages, nil, nil, -1, nil), func(p *chocolateyPackage) error {
		return s.add(installedSoftware{
			Name: p.Name, Version: p.Version, Source: "chocolatey", Vendor: p.Author, Path: p.Path, Purl: purl("chocolatey", "", p.Name, p.Version),
		})
	})
}
