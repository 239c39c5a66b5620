package software

import (
	"context"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
	"github.com/tenantra/tenantra/tables/internal/sid"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// patch is one installed update.
type patch struct {
	CSName      string `col:"csname" doc:"Name of the machine."`
	HotfixID    string `col:"hotfix_id" doc:"Identifier of the update: KB and a number."`
	Caption     string `col:"caption" doc:"Address of its page of support."`
	Description string `col:"description" doc:"Kind of update: Security Update, Update, Hotfix."`
	FixComments string `col:"fix_comments" doc:"Remarks."`
	InstalledBy string `col:"installed_by" class:"personal" doc:"Who installed it."`
	InstallDate string `col:"install_date" doc:"When it was installed, where Windows tells so in this form."`
	InstalledOn string `col:"installed_on" doc:"Day on which it was installed."`
}

// Patches has a row for each update.
// Source: Win32_QuickFixEngineering of WMI; in an image the packages of component based servicing in the registry, where
// cumulative updates have no number of their own: they show in os_version.revision.
var Patches = tables.Define[patch](tables.Spec{
	Name: "patches", Doc: "Updates of Windows that are installed.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT hotfix_id, installed_on FROM patches WHERE hotfix_id = 'KB5034441'"},
}, generatePatches)

const servicingPackages = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages`

// servicedInstalled is the state of a package that is installed.
const servicedInstalled = 0x70

func generatePatches(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*patch) error) error {
	if host.Live() {
		return eachHotfix(ctx, host, emit)
	}
	r := registry.Open(ctx, host)
	defer r.Close()
	computer := r.Key(`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`).Text("ComputerName")
	seen := map[string]bool{} // an update consists of many packages
	return r.Key(servicingPackages).Keys(func(k *registry.Key) error {
		number := updateNumber(k.Name())
		state, _ := k.Int("CurrentState")
		if number == "" || seen[number] || state != servicedInstalled {
			return ctx.Err()
		}
		seen[number] = true
		row := patch{
			CSName: computer, HotfixID: number, Caption: "https://support.microsoft.com/help/" + strings.TrimPrefix(number, "KB"),
			Description: k.Text("ReleaseType"), InstalledBy: k.Text("InstallUser"),
		}
		if name, known := sid.Name(row.InstalledBy); known {
			row.InstalledBy = `NT AUTHORITY\` + name
		}
		high, hasHigh := k.Int("InstallTimeHigh")
		low, hasLow := k.Int("InstallTimeLow")
		if at := registry.FileTime(uint64(high)<<32 | uint64(low)&0xFFFFFFFF); hasHigh && hasLow && !at.IsZero() {
			row.InstalledOn = at.In(time.UTC).Format("1/2/2006")
		}
		return emit(&row)
	})
}

// eachHotfix asks the running system, which knows the numbers of cumulative updates too.
func eachHotfix(ctx context.Context, host tables.Host, emit func(*patch) error) error {
	fixes, err := wmi.Objects(ctx, host, wmi.CIMv2, "Win32_QuickFixEngineering", "CSName", "HotFixID", "Caption", "Description", "FixComments",
		"InstalledBy", "InstallDate", "InstalledOn")
	if err != nil {
		return err
	}
	for _, f := range fixes {
		row := patch{
			CSName: f.Text("CSName"), HotfixID: f.Text("HotFixID"), Caption: f.Text("Caption"), Description: f.Text("Description"),
			FixComments: f.Text("FixComments"), InstalledBy: f.Text("InstalledBy"), InstallDate: f.Text("InstallDate"), InstalledOn: f.Text("InstalledOn"),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// updateNumber gives KB5034441 of Package_for_KB5034441~31bf3856ad364e35~amd64~~19041.1.0; "" for other packages, and for the
// parts that such a package has, whose names have a further number.
func updateNumber(name string) string {
	rest, ok := strings.CutPrefix(name, "Package_for_")
	number, _, _ := strings.Cut(rest, "~")
	if !ok || !strings.HasPrefix(number, "KB") || len(number) < 6 || strings.Trim(number[2:], "0123456789") != "" {
		return ""
	}
	return number
}
