package software

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// packageReceipt is the receipt of one installed package.
type packageReceipt struct {
	PackageID       string  `col:"package_id" doc:"Identifier of the package."`
	PackageFilename string  `col:"package_filename" opt:"index,hidden" doc:"File that it was installed from."`
	Version         string  `col:"version" collate:"VERSION" doc:"Version."`
	Location        string  `col:"location" doc:"Where it was installed, relative to the root."`
	InstallTime     float64 `col:"install_time" doc:"When, in Unix seconds."`
	InstallerName   string  `col:"installer_name" doc:"Program that installed it."`
	Path            string  `col:"path" opt:"additional" doc:"Receipt."`
}

// PackageReceipts has a row for each receipt, of the system and of users.
// Source: the property lists in /var/db/receipts and Library/Receipts.
var PackageReceipts = tables.Define[packageReceipt](tables.Spec{
	Name: "package_receipts", Aliases: []string{"packages"}, Doc: "Packages that the system's installer has installed.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT package_id, version, datetime(install_time, 'unixepoch') AS installed FROM package_receipts WHERE package_id NOT LIKE 'com.apple.%'"},
}, generatePackageReceipts)

// receiptDirectories hold one list a package, and its bill of materials.
var receiptDirectories = [...]string{"/private/var/db/receipts", "/Library/Receipts", "/Library/Apple/System/Library/Receipts"}

const receiptsOfUsers = "Library/Receipts"

func generatePackageReceipts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*packageReceipt) error) error {
	wanted := q.Equal("path")
	skip := func(file string) bool {
		return !strings.HasSuffix(file, ".plist") || wanted != nil && !slices.Contains(wanted, file)
	}
	for _, dir := range receiptDirectories {
		for _, file := range hostfile.Files(ctx, host, dir) {
			if skip(file) {
				continue
			}
			list, ok := plist.Read(ctx, host, file)
			if !ok {
				continue
			}
			if err := emitReceipt(file, list, emit); err != nil {
				return err
			}
		}
	}
	return homes.All(ctx, host, func(home *homes.Home) error {
		for _, entry := range home.List(receiptsOfUsers) {
			name := receiptsOfUsers + "/" + entry.Name()
			if entry.IsDir() || skip(home.Path(name)) {
				continue
			}
			data, ok := home.Read(name)
			if !ok {
				continue
			}
			list, err := plist.ParseDict(data)
			if err != nil {
				hostfile.Skipped(ctx, host, home.Path(name), err)
				continue
			}
			if err := emitReceipt(home.Path(name), list, emit); err != nil {
				return err
			}
		}
		return nil
	})
}

// emitReceipt emits a receipt. Lists of another kind, as that of the history, have no package.
func emitReceipt(file string, list plist.Dict, emit func(*packageReceipt) error) error {
	row := packageReceipt{
		PackageID: list.Text("PackageIdentifier"), PackageFilename: list.Text("PackageFileName"), Version: list.Text("PackageVersion"),
		Location: list.Text("InstallPrefixPath"), InstallerName: list.Text("InstallProcessName"), Path: file,
	}
	if row.PackageID == "" {
		return nil
	}
	if seconds, ok := list.Time("InstallDate"); ok {
		row.InstallTime = float64(seconds)
	}
	return emit(&row)
}
