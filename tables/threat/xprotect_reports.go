package threat

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// xprotectReport is one file in which XProtect found malware.
type xprotectReport struct {
	Name       string `col:"name" doc:"Name of the malware."`
	UserAction string `col:"user_action" doc:"What the user did with the file."`
	Time       string `col:"time" doc:"When it was quarantined, as the report holds it."`
}

// XProtectReports has a row for each find that was written down in a user's home.
// Source: Library/Logs/DiagnosticReports/XProtect* of the homes.
var XProtectReports = tables.Define[xprotectReport](tables.Spec{
	Name: "xprotect_reports", Doc: "Malware that macOS's scanner found.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT name, user_action, time FROM xprotect_reports"},
}, generateXProtectReports)

const xprotectReports = "Library/Logs/DiagnosticReports"

func generateXProtectReports(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*xprotectReport) error) error {
	return homes.All(ctx, host, func(home *homes.Home) error {
		for _, entry := range home.List(xprotectReports) {
			if entry.IsDir() || !strings.Contains(entry.Name(), "XProtect") {
				continue
			}
			data, ok := home.Read(xprotectReports + "/" + entry.Name())
			if !ok {
				continue
			}
			list, err := plist.Parse(data)
			if err != nil {
				hostfile.Skipped(ctx, host, home.Path(xprotectReports+"/"+entry.Name()), err)
				continue
			}
			for _, find := range plist.Dicts(list) {
				row := xprotectReport{Name: find.Text("XProtectSignatureName"), UserAction: find.Text("UserAction"), Time: find.Text("LSQuarantineTimeStamp")}
				if row.Name == "" {
					continue
				}
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
