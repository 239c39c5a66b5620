package software

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// rpmPackage is one installed package.
type rpmPackage struct {
	Name         string             `col:"name" opt:"index" doc:"Name of the package."`
	Version      string             `col:"version" opt:"index" collate:"VERSION_RHEL" doc:"Upstream version."`
	Release      string             `col:"release" opt:"index" doc:"Release of the package."`
	Source       string             `col:"source" doc:"File name of the source package."`
	Size         int64              `col:"size" doc:"Installed size in bytes."`
	SHA1         string             `col:"sha1" collate:"NOCASE" doc:"SHA-1 digest of the package's header."`
	Arch         string             `col:"arch" opt:"index" doc:"Architecture: x86_64, noarch."`
	Epoch        tables.Null[int64] `col:"epoch" type:"INTEGER" opt:"index" doc:"Epoch of the version; NULL where it has none."`
	InstallTime  tables.Null[int64] `col:"install_time" type:"INTEGER" doc:"When it was installed, in Unix seconds."`
	Vendor       string             `col:"vendor" doc:"Vendor of the package."`
	PackageGroup string             `col:"package_group" doc:"Group of the package."`
	container.Mount
}

// RPMPackages has a row for each installed package.
// Source: RPM's database in any of its formats: sqlite, ndb, Berkeley DB.
var RPMPackages = tables.Define[rpmPackage](tables.Spec{
	Name: "rpm_packages", Doc: "Packages of Red Hat, SUSE and their kin.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate,
	Examples: []string{"SELECT name, version, release, arch FROM rpm_packages WHERE name LIKE 'kernel%' ORDER BY install_time DESC"},
}, generateRPMPackages)

func generateRPMPackages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*rpmPackage) error) error {
	names := q.Equal("name")
	return eachRPM(ctx, host, func(h rpmHeader) error {
		row := rpmPackage{Name: h.text(rpmTagName)}
		if row.Name == "" || names != nil && !slices.Contains(names, row.Name) {
			return nil
		}
		row.Version, row.Release = h.text(rpmTagVersion), h.text(rpmTagRelease)
		row.Source, row.SHA1, row.Arch = h.text(rpmTagSourceRPM), h.text(rpmTagSHA1), h.text(rpmTagArch)
		row.Vendor, row.PackageGroup = h.text(rpmTagVendor), h.text(rpmTagGroup)
		row.Epoch.V, row.Epoch.Valid = h.number(rpmTagEpoch)
		row.InstallTime.V, row.InstallTime.Valid = h.number(rpmTagInstallTime)
		if size, ok := h.number(rpmTagLongSize); ok { // of packages larger than 4 GiB
			row.Size = size
		} else {
			row.Size, _ = h.number(rpmTagSize)
		}
		return emit(&row)
	})
}
