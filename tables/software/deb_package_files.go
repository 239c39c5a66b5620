package software

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// debPackageFile is one path that a package installed.
type debPackageFile struct {
	Package  string `col:"package" opt:"index" doc:"Name of the package, without its architecture."`
	Path     string `col:"path" opt:"index" doc:"Path that it brought, directories included; its first is /."`
	Admindir string `col:"admindir" opt:"additional" doc:"Directory of the package database."`
}

// DebPackageFiles has a row for each path of each installed package, by package and in dpkg's order.
// Source: the .list files of dpkg's info directory.
var DebPackageFiles = tables.Define[debPackageFile](tables.Spec{
	Name: "deb_package_files", Doc: "Files that the packages of Debian and its kin installed.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Expensive,
	Examples: []string{
		"SELECT path FROM deb_package_files WHERE package = 'bash'",
		"SELECT package FROM deb_package_files WHERE path = '/bin/bash'",
	},
}, generateDebPackageFiles)

func generateDebPackageFiles(ctx context.Context, host tables.Host, q *tables.Query, emit func(*debPackageFile) error) error {
	packages, paths := q.Equal("package"), q.Equal("path")
	for _, dir := range adminDirs(q) {
		for _, file := range hostfile.Files(ctx, host, path.Join(dir, "info")) {
			name, isList := strings.CutSuffix(path.Base(file), ".list")
			name, _, _ = strings.Cut(name, ":") // libc6:amd64
			if !isList || packages != nil && !slices.Contains(packages, name) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			data, ok := hostfile.OneOfMany(ctx, host, file)
			if !ok {
				continue
			}
			row := debPackageFile{Package: name, Admindir: dir}
			for line := range strings.Lines(string(data)) {
				row.Path = strings.TrimRight(line, "\n")
				if row.Path == "" || paths != nil && !slices.Contains(paths, row.Path) {
					continue
				}
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
