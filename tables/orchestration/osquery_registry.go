package orchestration

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// osqueryPlugin is one plugin of osquery's registry.
type osqueryPlugin struct {
	Registry  string `col:"registry" doc:"Kind of plugin: always table."`
	Name      string `col:"name" doc:"Name of the plugin."`
	OwnerUUID int32  `col:"owner_uuid" doc:"Extension that it belongs to; 0 for the program itself."`
	Internal  int32  `col:"internal" doc:"1 where it cannot be called."`
	Active    int32  `col:"active" doc:"1 where it is in use."`
}

// Catalogue is every table of the product, for the table that lists them. The package that knows all of them fills it.
type Catalogue struct{ Tables []*tables.Table }

// Registry has a row for each table that can be asked here, under each of its names: the program's own and those of connected
// osquery extensions. The agent has no other plugins.
func Registry(c *Catalogue) *tables.Table {
	return tables.Define[osqueryPlugin](tables.Spec{
		Name: "osquery_registry", Doc: "Tables that can be asked here, and the osquery extension that each belongs to.",
		Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
		Examples: []string{"SELECT name FROM osquery_registry WHERE registry = 'table' AND active = 1"},
	}, func(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osqueryPlugin) error) error {
		extensions, err := host.Self().Extensions(ctx)
		if err != nil {
			return err
		}
		row := osqueryPlugin{Registry: "table", Active: 1}
		for _, t := range c.Tables {
			if !t.AvailableOn(host.Platform()) {
				continue
			}
			for _, name := range append([]string{t.Name}, t.Aliases...) {
				row.Name = name
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		for _, x := range extensions {
			row.OwnerUUID = int32(x.UUID) // #nosec G115 -- 16 bits: see agent/extension
			for _, name := range x.Tables {
				row.Name = name
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
