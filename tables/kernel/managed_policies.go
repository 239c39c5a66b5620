package kernel

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// managedPolicy is one setting that a profile of device management enforces.
type managedPolicy struct {
	Domain   string `col:"domain" collate:"NOCASE" doc:"Domain of the setting, mostly the identifier of a program."`
	UUID     string `col:"uuid" collate:"NOCASE" doc:"Identifier of the payload, where the list holds one."`
	Name     string `col:"name" doc:"Name of the setting."`
	Value    string `col:"value" doc:"Value, a boolean as 1 or 0; empty for lists and dictionaries."`
	Username string `col:"username" class:"personal" doc:"User for whom it counts; empty for all."`
	Manual   int64  `col:"manual" type:"INTEGER" doc:"1 where a person installed the profile, not device management."`
}

// ManagedPolicies has a row for each enforced setting, of the machine and of each user.
// Source: the property lists below /Library/Managed Preferences.
var ManagedPolicies = tables.Define[managedPolicy](tables.Spec{
	Name: "managed_policies", Doc: "Settings that device management or a profile enforces.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{
		"SELECT 1 FROM managed_policies WHERE domain = 'com.apple.MCX' AND name = 'DisableGuestAccount' AND value = '1'",
		"SELECT domain, name, value FROM managed_policies WHERE username = ''",
	},
}, generateManagedPolicies)

const managedPreferences = "/Library/Managed Preferences"

func generateManagedPolicies(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*managedPolicy) error) error {
	for _, entry := range hostfile.List(ctx, host, managedPreferences) {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := managedPreferences + "/" + entry.Name()
		if !entry.IsDir() {
			if err := policiesOf(ctx, host, name, "", emit); err != nil {
				return err
			}
			continue
		}
		for _, file := range hostfile.Files(ctx, host, name) {
			if err := policiesOf(ctx, host, file, entry.Name(), emit); err != nil {
				return err
			}
		}
	}
	return nil
}

// policiesOf emits the settings of one domain. The list complete.plist repeats those of all domains.
func policiesOf(ctx context.Context, host tables.Host, file, username string, emit func(*managedPolicy) error) error {
	domain, isList := strings.CutSuffix(path.Base(file), ".plist")
	if !isList || domain == "complete" {
		return nil
	}
	list, ok := plist.Read(ctx, host, file)
	if !ok {
		return nil
	}
	row := managedPolicy{Domain: domain, UUID: list.Text("PayloadUUID"), Username: username}
	if list.Has("_manualProfile") {
		row.Manual = 1
	}
	for _, name := range list.Keys() {
		if name == "PayloadUUID" || name == "_manualProfile" {
			continue
		}
		row.Name, row.Value = name, list.Text(name)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
