package software

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// portageUse is one flag that an installed package of Gentoo was built with.
type portageUse struct {
	Package string `col:"package" doc:"Category and name of the package."`
	Version string `col:"version" collate:"VERSION" doc:"Version, with its revision."`
	Use     string `col:"use" doc:"Flag that was set when the package was built."`
}

// PortageUse has a row for each flag of each installed package.
// Source: USE in /var/db/pkg.
var PortageUse = tables.Define[portageUse](tables.Spec{
	Name: "portage_use", Doc: "Flags that packages of Gentoo were built with.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate,
	Examples: []string{"SELECT package, version FROM portage_use WHERE use = 'debug'"},
}, generatePortageUse)

func generatePortageUse(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*portageUse) error) error {
	for _, category := range hostfile.List(ctx, host, portageDir) {
		for _, entry := range hostfile.List(ctx, host, path.Join(portageDir, category.Name())) {
			if err := ctx.Err(); err != nil {
				return err
			}
			name, version, ok := splitPortage(entry.Name())
			if !ok || !entry.IsDir() {
				continue
			}
			data, _ := hostfile.OneOfMany(ctx, host, path.Join(portageDir, category.Name(), entry.Name(), "USE"))
			for _, flag := range strings.Fields(string(data)) {
				if err := emit(&portageUse{Package: category.Name() + "/" + name, Version: version, Use: flag}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
