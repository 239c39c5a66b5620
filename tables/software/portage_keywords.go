package software

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// portageKeyword is what a machine of Gentoo says of packages that it takes or refuses against the distribution's choice.
type portageKeyword struct {
	Package string `col:"package" doc:"Category and name of the package."`
	Version string `col:"version" collate:"VERSION" doc:"Versions that it holds for, behind a comparison; empty for all."`
	Keyword string `col:"keyword" doc:"Keywords that are accepted, such as ~amd64."`
	Mask    int32  `col:"mask" doc:"1 where the package may not be installed."`
	Unmask  int32  `col:"unmask" doc:"1 where the distribution's own mask is lifted."`
}

// PortageKeywords has a row for each package that the settings name, in their order.
// Source: package.accept_keywords, package.keywords, package.mask and package.unmask in /etc/portage, each a file or a
// directory of files; portage(5).
var PortageKeywords = tables.Define[portageKeyword](tables.Spec{
	Name: "portage_keywords", Doc: "Packages that a machine of Gentoo takes or refuses by its own settings.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT package, version, keyword FROM portage_keywords WHERE unmask = 1"},
}, generatePortageKeywords)

func generatePortageKeywords(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*portageKeyword) error) error {
	rows := map[string]*portageKeyword{}
	var order []string
	for _, setting := range []struct {
		name string
		set  func(row *portageKeyword, rest string)
	}{
		{"package.accept_keywords", func(row *portageKeyword, rest string) { row.Keyword = rest }},
		{"package.keywords", func(row *portageKeyword, rest string) { row.Keyword = rest }},
		{"package.mask", func(row *portageKeyword, _ string) { row.Mask = 1 }},
		{"package.unmask", func(row *portageKeyword, _ string) { row.Unmask = 1 }},
	} {
		for _, line := range portageSettings(ctx, host, "/etc/portage/"+setting.name) {
			row := rows[line.atom]
			if row == nil {
				row = &portageKeyword{}
				row.Package, row.Version = splitAtom(line.atom)
				rows[line.atom] = row
				order = append(order, line.atom)
			}
			setting.set(row, line.rest)
		}
	}
	for _, atom := range order {
		if err := emit(rows[atom]); err != nil {
			return err
		}
	}
	return nil
}

// portageSetting is a line: an atom, which names a package, and, where the file has them, keywords.
type portageSetting struct{ atom, rest string }

func portageSettings(ctx context.Context, host tables.Host, name string) []portageSetting {
	info, err := host.Stat(name)
	if err != nil {
		return nil
	}
	files := []string{name}
	if info.IsDir() {
		files = slices.DeleteFunc(hostfile.Files(ctx, host, name), func(file string) bool { return strings.HasSuffix(file, "~") })
	}
	var settings []portageSetting
	for _, file := range files {
		if data, ok := hostfile.OneOfMany(ctx, host, file); ok {
			settings = append(settings, parsePortageSettings(data)...)
		}
	}
	return settings
}

func parsePortageSettings(data []byte) []portageSetting {
	var settings []portageSetting
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		if fields := strings.Fields(line); len(fields) > 0 && strings.Trim(fields[0], "<>=~!") != "" {
			settings = append(settings, portageSetting{fields[0], strings.Join(fields[1:], " ")})
		}
	}
	return settings
}

// splitAtom splits >=dev-libs/openssl-3.0:0 into dev-libs/openssl and >=3.0; the sign = alone is left out.
func splitAtom(atom string) (name, version string) {
	rest := strings.TrimLeft(atom, "<>=~!")
	comparison := atom[:len(atom)-len(rest)]
	rest, _, _ = strings.Cut(rest, ":") // behind it a slot
	category, entry, found := strings.Cut(rest, "/")
	if comparison == "" || !found {
		return rest, ""
	}
	name, version, ok := splitPortage(strings.TrimSuffix(entry, "*"))
	if !ok {
		return rest, ""
	}
	if comparison == "=" {
		comparison = ""
	}
	return category + "/" + name, comparison + version
}
