package orchestration

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
)

// osqueryPack is one pack of the schedule.
type osqueryPack struct {
	Name                string `col:"name" doc:"Name of the pack."`
	Platform            string `col:"platform" doc:"Platforms that it is for; empty, since the fleet only sends what is for this one."`
	Version             string `col:"version" collate:"VERSION" doc:"Lowest version of the agent; empty, since the fleet only sends what this one can run."`
	Shard               int32  `col:"shard" doc:"Share of machines that it is for, in percent; 0 for all."`
	DiscoveryCacheHits  int32  `col:"discovery_cache_hits" doc:"0: the fleet decides which machines a pack is for."`
	DiscoveryExecutions int32  `col:"discovery_executions" doc:"0: the fleet decides which machines a pack is for."`
	Active              int32  `col:"active" doc:"1: a pack that is here is run."`
}

// Packs has a row for each pack of the present configuration.
var Packs = tables.Define[osqueryPack](tables.Spec{
	Name: "tenantra_packs", Aliases: []string{"osquery_packs"}, Doc: "Packs of the present configuration.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT p.name, count(*) AS queries FROM tenantra_packs p JOIN tenantra_schedule s ON s.pack = p.name GROUP BY p.name"},
}, generatePacks)

func generatePacks(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osqueryPack) error) error {
	schedule, err := host.Self().Schedule(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, s := range schedule {
		if !slices.Contains(names, s.Pack) {
			names = append(names, s.Pack)
		}
	}
	for _, name := range names {
		if err := emit(&osqueryPack{Name: name, Active: 1}); err != nil {
			return err
		}
	}
	return nil
}

// osqueryExtension is one extension, or the program itself.
type osqueryExtension struct {
	UUID       int64  `col:"uuid" doc:"Number of the extension; 0 for the program itself."`
	Name       string `col:"name" doc:"Name of the extension."`
	Version    string `col:"version" collate:"VERSION" doc:"Version of the extension."`
	SDKVersion string `col:"sdk_version" collate:"VERSION" doc:"Version of the library that it was built with."`
	Path       string `col:"path" doc:"Socket of the extension."`
	Type       string `col:"type" doc:"core or extension."`
}

// Extensions has a row for the program itself. An extension's tables are in the list of tables while it is connected.
var Extensions = tables.Define[osqueryExtension](tables.Spec{
	Name: "osquery_extensions", Doc: "The agent's program, as osquery lists it among its extensions.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT name, version, type FROM osquery_extensions"},
}, generateExtensions)

func generateExtensions(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osqueryExtension) error) error {
	info, err := host.Self().Info(ctx)
	if err != nil {
		return err
	}
	return emit(&osqueryExtension{Name: "core", Version: info.Version, SDKVersion: info.Version, Type: "core"})
}

// osqueryFlag is one option of osquery's command line.
type osqueryFlag struct {
	Name         string `col:"name" doc:"Name of the option."`
	Type         string `col:"type" doc:"Type of its value."`
	Description  string `col:"description" doc:"What it does."`
	DefaultValue string `col:"default_value" doc:"Value where none is given."`
	Value        string `col:"value" doc:"Present value."`
	ShellOnly    int32  `col:"shell_only" doc:"1 where only the shell has it."`
}

// osqueryPlugin is one plugin of osquery's registry.
type osqueryPlugin struct {
	Registry  string `col:"registry" doc:"Kind of plugin: table, config, logger."`
	Name      string `col:"name" doc:"Name of the plugin."`
	OwnerUUID int32  `col:"owner_uuid" doc:"Extension that it belongs to; 0 for the program itself."`
	Internal  int32  `col:"internal" doc:"1 where it cannot be called."`
	Active    int32  `col:"active" doc:"1 where it is in use."`
}

// Flags and Registry have osquery's schema, so that packs that name them compile. The agent has none of osquery's options and
// plugins: the command tenantra-agent tables lists the tables. No build has a generator.
var (
	Flags = tables.DefineByPlatform(tables.Spec{
		Name: "osquery_flags", Doc: "Options of osquery's command line.",
		Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
		Examples: []string{"SELECT name, value FROM osquery_flags WHERE value != default_value"},
	}, tables.Generators[osqueryFlag]{})

	Registry = tables.DefineByPlatform(tables.Spec{
		Name: "osquery_registry", Doc: "Plugins of osquery.",
		Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
		Examples: []string{"SELECT name FROM osquery_registry WHERE registry = 'table' AND active = 1"},
	}, tables.Generators[osqueryPlugin]{})
)
