package identity

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// adOption is one setting of a binding to Active Directory.
type adOption struct {
	Name   string `col:"name" doc:"Name of the configuration."`
	Domain string `col:"domain" doc:"Domain that is trusted."`
	Option string `col:"option" doc:"Setting."`
	Value  string `col:"value" doc:"Value."`
}

// ADConfig has a row for each setting of each domain that the machine is bound to.
// Source: the property lists in /Library/Preferences/OpenDirectory/Configurations/Active Directory, which only root may read.
var ADConfig = tables.Define[adOption](tables.Spec{
	Name: "ad_config", Doc: "How the machine is bound to Active Directory.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT domain, value FROM ad_config WHERE option = 'allow multi-domain'"},
}, generateADConfig)

const adConfigurations = "/Library/Preferences/OpenDirectory/Configurations/Active Directory"

func generateADConfig(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*adOption) error) error {
	for _, file := range hostfile.Files(ctx, host, adConfigurations) {
		list, ok := plist.Read(ctx, host, file)
		if !ok {
			continue
		}
		options := list.Dict("module options").Dict("ActiveDirectory")
		row := adOption{Name: strings.TrimSuffix(path.Base(file), ".plist"), Domain: options.Text("trust domain")}
		for _, group := range []plist.Dict{trustOptions(list), list.Dict("options"), options} {
			for _, row.Option = range group.Keys() {
				if row.Option == "managed client template" {
					continue
				}
				row.Value = strings.Join(group.Texts(row.Option), ", ")
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

// trustOptions are the settings that stand beside the groups.
func trustOptions(list plist.Dict) plist.Dict {
	found := plist.Dict{}
	for _, key := range []string{"trustoptions", "trustkerberosprincipal", "trustaccount", "trusttype"} {
		if list.Has(key) {
			found[key] = list[key]
		}
	}
	return found
}
