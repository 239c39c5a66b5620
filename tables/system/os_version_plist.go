package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

const darwinVersionFile = "/System/Library/CoreServices/SystemVersion.plist"

// generateDarwinOSVersion reads the version of macOS. The architecture is that of the kernel, which only runs on a live
// system.
func generateDarwinOSVersion(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osVersion) error) error {
	list, ok := plist.Read(ctx, host, darwinVersionFile)
	if !ok {
		return ctx.Err()
	}
	row := osVersion{
		Name: tables.Some(list.Text("ProductName")), Version: tables.Some(list.Text("ProductVersion")), Build: tables.Some(list.Text("ProductBuildVersion")),
		Platform: tables.Some("darwin"), PlatformLike: tables.Some("darwin"), Extra: tables.Some(list.Text("ProductVersionExtra")),
	}
	row.Major, row.Minor, row.Patch = versionNumbers(row.Version.V)
	if out, err := host.Run(ctx, "/usr/bin/uname", "-m"); err == nil {
		row.Arch = tables.Some(strings.TrimSpace(string(out)))
	}
	return emit(&row)
}
