package software

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// installedPackage is one installation or update that the system wrote down.
type installedPackage struct {
	PackageID   string `col:"package_id" doc:"Identifier of the package."`
	Time        int64  `col:"time" type:"INTEGER" doc:"When, in Unix seconds."`
	Name        string `col:"name" doc:"Name as people read it."`
	Version     string `col:"version" collate:"VERSION" doc:"Version as people read it."`
	Source      string `col:"source" doc:"Program that installed it."`
	ContentType string `col:"content_type" doc:"Kind of content, as config-data."`
}

// PackageInstallHistory has a row for each installation, and for each package of one that brought several.
// Source: /Library/Receipts/InstallHistory.plist.
var PackageInstallHistory = tables.Define[installedPackage](tables.Spec{
	Name: "package_install_history", Doc: "What was installed when, by the installer, the App Store or the system's updates.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT datetime(time, 'unixepoch') AS at, name, version, source FROM package_install_history ORDER BY time DESC LIMIT 20"},
}, generatePackageInstallHistory)

const installHistoryFile = "/Library/Receipts/InstallHistory.plist"

func generatePackageInstallHistory(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*installedPackage) error) error {
	list, ok := plist.ReadAny(ctx, host, installHistoryFile)
	if !ok {
		return ctx.Err()
	}
	for _, item := range plist.Dicts(list) {
		row := installedPackage{
			Name: item.Text("displayName"), Version: item.Text("displayVersion"), Source: item.Text("processName"), ContentType: item.Text("contentType"),
		}
		row.Time, _ = item.Time("date")
		packages := item.Texts("packageIdentifiers")
		if len(packages) == 0 {
			packages = []string{""}
		}
		for _, row.PackageID = range packages {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
