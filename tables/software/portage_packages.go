package software

import (
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

const portageDir = "/var/db/pkg"

// portagePackage is one installed package of Gentoo.
type portagePackage struct {
	Package    string             `col:"package" doc:"Category and name of the package."`
	Version    string             `col:"version" collate:"VERSION" doc:"Version, with its revision."`
	Slot       string             `col:"slot" doc:"Slot that the package takes."`
	BuildTime  tables.Null[int64] `col:"build_time" doc:"When it was built, in Unix seconds."`
	Repository string             `col:"repository" doc:"Repository that it came from."`
	EAPI       tables.Null[int64] `col:"eapi" doc:"Version of the ebuild format."`
	Size       tables.Null[int64] `col:"size" doc:"Installed size in bytes."`
	World      int32              `col:"world" doc:"1 where the package was asked for, 0 where another one needs it."`
}

// PortagePackages has a row for each installed package.
// Source: /var/db/pkg and /var/lib/portage/world.
var PortagePackages = tables.Define[portagePackage](tables.Spec{
	Name: "portage_packages", Doc: "Packages of Gentoo.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate,
	Examples: []string{"SELECT package, version FROM portage_packages WHERE package = 'dev-libs/openssl'"},
}, generatePortagePackages)

func generatePortagePackages(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*portagePackage) error) error {
	data, err := hostfile.Source(ctx, host, "/var/lib/portage/world")
	if err != nil {
		return err
	}
	world := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":") // behind it a slot
		world[name] = true
	}
	for _, category := range hostfile.List(ctx, host, portageDir) {
		for _, entry := range hostfile.List(ctx, host, path.Join(portageDir, category.Name())) {
			if err := ctx.Err(); err != nil {
				return err
			}
			name, version, ok := splitPortage(entry.Name())
			if !ok || !entry.IsDir() {
				continue
			}
			text := func(file string) string {
				data, _ := hostfile.OneOfMany(ctx, host, path.Join(portageDir, category.Name(), entry.Name(), file))
				return strings.TrimSpace(string(data))
			}
			row := portagePackage{
				Package: category.Name() + "/" + name, Version: version, Slot: text("SLOT"), Repository: text("repository"),
				BuildTime: maybeInt(text("BUILD_TIME")), EAPI: maybeInt(text("EAPI")), Size: maybeInt(text("SIZE")),
			}
			if world[row.Package] {
				row.World = 1
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// portageName is a name and a version with an optional revision, as the Package Manager Specification has them.
var portageName = lazyregexp.New(`^(.+)-([0-9][0-9.]*[a-z]?(?:_(?:alpha|beta|pre|rc|p)[0-9]*)*(?:-r[0-9]+)?)$`)

func splitPortage(entry string) (name, version string, ok bool) {
	m := portageName().FindStringSubmatch(entry)
	if m == nil {
		return "", "", false // -MERGING- and other work in progress
	}
	return m[1], m[2], !strings.HasPrefix(m[1], "-")
}

func maybeInt(text string) (v tables.Null[int64]) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		v = tables.Some(n)
	}
	return v
}
