package software

import (
	"context"
	"fmt"
	"slices"

	"github.com/tenantra/tenantra/tables"
)

// rpmPackageFile is one path that a package installed.
type rpmPackageFile struct {
	Package   string `col:"package" opt:"index" doc:"Name of the package."`
	Path      string `col:"path" opt:"index" doc:"Path that it brought, directories included."`
	Username  string `col:"username" doc:"Owner that it was packed with."`
	Groupname string `col:"groupname" doc:"Group that it was packed with."`
	Mode      string `col:"mode" doc:"Permission bits that it was packed with, as four octal digits."`
	Size      int64  `col:"size" doc:"Size that it was packed with, in bytes."`
	SHA256    string `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest that it was packed with; empty for directories, links, and digests of another kind."`
}

// RPMPackageFiles has a row for each path of each installed package.
// Source: RPM's database, as RPMPackages.
var RPMPackageFiles = tables.Define[rpmPackageFile](tables.Spec{
	Name: "rpm_package_files", Doc: "Files that the packages of Red Hat, SUSE and their kin installed.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Expensive,
	Examples: []string{"SELECT f.path FROM rpm_package_files f JOIN hash h USING (path) WHERE f.package = 'sudo' AND f.sha256 != '' AND f.sha256 != h.sha256"},
}, generateRPMPackageFiles)

const (
	rpmFilesMax     = 1 << 20 // of one package
	rpmPathMax      = 4096    // no file system takes a longer one
	rpmDigestSHA256 = 8       // in the registry of RFC 9580
)

func generateRPMPackageFiles(ctx context.Context, host tables.Host, q *tables.Query, emit func(*rpmPackageFile) error) error {
	packages, paths := q.Equal("package"), q.Equal("path")
	return eachRPM(ctx, host, func(h rpmHeader) error {
		name := h.text(rpmTagName)
		if packages != nil && !slices.Contains(packages, name) {
			return nil
		}
		return eachRPMFile(h, func(f *rpmPackageFile) error {
			if paths != nil && !slices.Contains(paths, f.Path) {
				return nil
			}
			f.Package = name
			return emit(f)
		})
	})
}

// eachRPMFile joins the parallel lists of a header. Lists that are shorter than that of the names leave their columns
// empty.
func eachRPMFile(h rpmHeader, each func(*rpmPackageFile) error) error {
	directories, indexes := h.texts(rpmTagDirNames, rpmFilesMax), h.numbers(rpmTagDirIndexes, rpmFilesMax)
	users, groups := h.texts(rpmTagFileUsers, rpmFilesMax), h.texts(rpmTagFileGroups, rpmFilesMax)
	modes, digests := h.numbers(rpmTagFileModes, rpmFilesMax), h.texts(rpmTagFileDigests, rpmFilesMax)
	sizes := h.numbers(rpmTagLongFileSize, rpmFilesMax)
	if sizes == nil {
		sizes = h.numbers(rpmTagFileSizes, rpmFilesMax)
	}
	algorithm, _ := h.number(rpmTagDigestAlgo)
	for i, base := range h.texts(rpmTagBaseNames, rpmFilesMax) {
		if i >= len(indexes) || indexes[i] < 0 || indexes[i] >= int64(len(directories)) {
			break
		}
		directory := directories[indexes[i]]
		if len(directory)+len(base) > rpmPathMax {
			continue
		}
		f := rpmPackageFile{Path: directory + base}
		if i < len(users) {
			f.Username = users[i]
		}
		if i < len(groups) {
			f.Groupname = groups[i]
		}
		if i < len(modes) {
			f.Mode = fmt.Sprintf("%04o", modes[i]&0o7777)
		}
		if i < len(sizes) {
			f.Size = sizes[i]
		}
		if i < len(digests) && algorithm == rpmDigestSHA256 {
			f.SHA256 = digests[i]
		}
		if err := each(&f); err != nil {
			return err
		}
	}
	return nil
}
