package software

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generatePythonPackages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*pythonPackage) error) error {
	if directories := q.Equal("directory"); directories != nil {
		for _, directory := range directories {
			if err := systemPythonSite(ctx, host, directory, emit); err != nil {
				return err
			}
		}
		return nil
	}
	for _, pattern := range pythonSites[host.Platform()] {
		sites, err := host.Glob(pattern)
		if err != nil {
			return err
		}
		for _, site := range sites {
			if err := systemPythonSite(ctx, host, site, emit); err != nil {
				return err
			}
		}
	}
	return homes.Each(ctx, host, q, func(home *homes.Home) error { return homePythonPackages(ctx, home, emit) })
}

func systemPythonSite(ctx context.Context, host tables.Host, site string, emit func(*pythonPackage) error) error {
	for _, entry := range hostfile.List(ctx, host, site) {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := pythonMetadata(entry.Name(), entry.IsDir())
		if file == "" {
			continue
		}
		data, ok := hostfile.OneOfMany(ctx, host, site+"/"+file)
		if !ok {
			continue
		}
		if row, ok := parsePythonMetadata(data); ok {
			row.Path, row.Directory = shownPath(host, site+"/"+entry.Name()), site
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

func homePythonPackages(ctx context.Context, home *homes.Home, emit func(*pythonPackage) error) error {
	prefixes := pythonHomePrefixes[:]
	for _, parent := range pythonHomeParents {
		for _, name := range home.Directories(parent) {
			prefixes = append(prefixes[:len(prefixes):len(prefixes)], parent+"/"+name)
		}
	}
	for _, parent := range pythonHomeWindows {
		for _, version := range home.Directories(parent.dir) {
			if err := homePythonSite(ctx, home, parent.dir+"/"+version+"/"+parent.site, emit); err != nil {
				return err
			}
		}
	}
	for _, prefix := range prefixes {
		for _, version := range home.Directories(prefix + "/lib") {
			if !strings.HasPrefix(version, "python") {
				continue
			}
			if err := homePythonSite(ctx, home, prefix+"/lib/"+version+"/site-packages", emit); err != nil {
				return err
			}
		}
	}
	return nil
}

func homePythonSite(ctx context.Context, home *homes.Home, site string, emit func(*pythonPackage) error) error {
	for _, entry := range home.List(site) {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := pythonMetadata(entry.Name(), entry.IsDir())
		if file == "" {
			continue
		}
		data, ok := home.Read(site + "/" + file)
		if !ok {
			continue
		}
		if row, ok := parsePythonMetadata(data); ok {
			row.UID = int64(home.User.UID)
			row.Path, row.Directory = home.Path(site+"/"+entry.Name()), home.Path(site)
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
