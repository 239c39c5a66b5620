package kernel

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// systemExtension is one system extension: a driver, network filter or endpoint security client outside the kernel.
type systemExtension struct {
	Path       string `col:"path" doc:"Bundle that it was installed from."`
	UUID       string `col:"UUID" collate:"NOCASE" doc:"Identifier of the installed copy."`
	State      string `col:"state" doc:"State, as activated_enabled or terminated_waiting_to_uninstall_on_reboot."`
	Identifier string `col:"identifier" collate:"NOCASE" doc:"Bundle identifier."`
	Version    string `col:"version" collate:"VERSION" doc:"Version of the bundle."`
	Category   string `col:"category" doc:"What it extends, joined by commas."`
	BundlePath string `col:"bundle_path" doc:"Application that brought it."`
	Team       string `col:"team" doc:"Team identifier of its signer."`
	MDMManaged int64  `col:"mdm_managed" type:"INTEGER" doc:"1 where a profile of device management allows it."`
}

// SystemExtensions has a row for each extension that was ever activated.
// Source: /Library/SystemExtensions/db.plist.
var SystemExtensions = tables.Define[systemExtension](tables.Spec{
	Name: "system_extensions", Doc: "System extensions with their state, and whether device management allows them.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT identifier, version, team, state FROM system_extensions WHERE category LIKE '%network_extension%'"},
}, generateSystemExtensions)

const systemExtensionsFile = "/Library/SystemExtensions/db.plist"

func generateSystemExtensions(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*systemExtension) error) error {
	list, ok := plist.Read(ctx, host, systemExtensionsFile)
	if !ok {
		return ctx.Err()
	}
	policies := list.Dicts("extensionPolicies")
	for _, e := range list.Dicts("extensions") {
		row := systemExtension{
			Path: e.Text("originPath"), UUID: e.Text("uniqueID"), State: e.Text("state"), Identifier: e.Text("identifier"),
			Version: e.Dict("bundleVersion").Text("CFBundleShortVersionString"), Category: strings.Join(e.Texts("categories"), ", "),
			BundlePath: e.Dict("container").Text("bundlePath"), Team: e.Text("teamID"),
		}
		if extensionAllowed(policies, row.Team, row.Identifier) {
			row.MDMManaged = 1
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// extensionAllowed tells whether a policy allows all extensions of a team, or this one of them.
func extensionAllowed(policies []plist.Dict, team, identifier string) bool {
	return slices.ContainsFunc(policies, func(p plist.Dict) bool {
		return slices.Contains(p.Texts("allowedTeamIDs"), team) || slices.Contains(p.Dict("allowedExtensions").Texts(team), identifier)
	})
}
