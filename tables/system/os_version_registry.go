package system

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

const (
	currentVersion     = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion`
	sessionEnvironment = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment`
)

// windows11 is the first build of Windows 11, whose registry still says Windows 10.
const windows11 = 22000

func generateWindowsOSVersion(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osVersion) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	key := r.Key(currentVersion)
	if key == nil {
		return nil
	}
	build := key.Text("CurrentBuildNumber")
	major, _ := key.Int("CurrentMajorVersionNumber")
	minor, _ := key.Int("CurrentMinorVersionNumber")
	if major == 0 { // before Windows 10 there was one text for both
		first, second, _ := versionNumbers(key.Text("CurrentVersion"))
		major, minor = int64(first), int64(second)
	}
	name := key.Text("ProductName")
	if number, err := strconv.Atoi(build); err == nil && number >= windows11 {
		name = strings.Replace(name, "Windows 10", "Windows 11", 1)
	}
	if name != "" && !strings.HasPrefix(name, "Microsoft ") {
		name = "Microsoft " + name
	}
	row := osVersion{
		Name: tables.Some(name), Codename: tables.Some(name), Major: int32(major), Minor: int32(minor), Build: tables.Some(build),
		Version:  tables.Some(strconv.FormatInt(major, 10) + "." + strconv.FormatInt(minor, 10) + "." + build),
		Platform: tables.Some("windows"), PlatformLike: tables.Some("windows"),
	}
	switch r.Key(sessionEnvironment).Text("PROCESSOR_ARCHITECTURE") {
	case "AMD64":
		row.Arch = tables.Some("64-bit")
	case "ARM64":
		row.Arch = tables.Some("ARM 64-bit Processor")
	case "x86":
		row.Arch = tables.Some("32-bit")
	}
	if installed, ok := key.Int("InstallDate"); ok {
		row.InstallDate = tables.Some(installed)
	}
	if revision, ok := key.Int("UBR"); ok {
		row.Revision = tables.Some(revision)
	}
	return emit(&row)
}
