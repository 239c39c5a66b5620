package software

import (
	"context"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// npmSites are the system's directories, by system.
var npmSites = map[tables.Platforms][]string{
	tables.Linux:   {"/usr/local/lib", "/opt/homebrew/lib", "/usr/lib"},
	tables.Darwin:  {"/usr/local/lib", "/opt/homebrew/lib", "/usr/lib"},
	tables.Windows: {`C:\Program Files\nodejs`, `C:\ProgramData\npm`},
}

func generateNPMPackages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*npmPackage) error) error {
	row := npmPackage{MaxDepth: npmDepth}
	if depths, _ := q.EqualInt("max_depth"); len(depths) > 0 && depths[0] >= -1 && depths[0] < 1<<31 {
		row.MaxDepth = int32(depths[0])
	}
	watched := func(p *npmPackage) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return emit(p)
	}
	tree := npmTree{
		list:  func(dir string) []fs.DirEntry { return hostfile.List(ctx, host, dir) },
		read:  func(file string) ([]byte, bool) { return hostfile.OneOfMany(ctx, host, file) },
		shown: func(name string) string { return shownPath(host, name) },
	}
	sites := q.Equal("directory")
	named := sites != nil
	if !named {
		sites = npmSites[host.Platform()]
	}
	for _, site := range sites {
		row.Directory = site
		if err := tree.search(site, row, watched); err != nil {
			return err
		}
	}
	if named {
		return nil
	}
	return homes.All(ctx, host, func(home *homes.Home) error { return homeNPMPackages(home, row, watched) })
}

func homeNPMPackages(home *homes.Home, row npmPackage, emit func(*npmPackage) error) error {
	tree := npmTree{list: home.List, read: home.Read, shown: home.Path}
	sites := []string{".npm-global/lib", "AppData/Roaming/npm"}
	for _, version := range home.Directories(".nvm/versions/node") {
		sites = append(sites, ".nvm/versions/node/"+version+"/lib")
	}
	for _, site := range sites {
		row.Directory = home.Path(site)
		if err := tree.search(site, row, emit); err != nil {
			return err
		}
	}
	return nil
}
