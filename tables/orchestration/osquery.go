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

// Extensions has a row for the program itself and for each osquery extension that is connected to it.
var Extensions = tables.Define[osqueryExtension](tables.Spec{
	Name: "osquery_extensions", Doc: "The agent's program, and the osquery extensions that are connected to it.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT name, version, type FROM osquery_extensions"},
}, generateExtensions)

func generateExtensions(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osqueryExtension) error) error {
	info, err := host.Self().Info(ctx)
	if err != nil {
		return err
	}
	extensions, err := host.Self().Extensions(ctx)
	if err != nil {
		return err
	}
	if err := emit(&osqueryExtension{Name: "core", Version: info.Version, SDKVersion: info.Version, Type: "core"}); err != nil {
		return err
	}
	for _, x := range extensions {
		if err := emit(&osqueryExtension{UUID: x.UUID, Name: x.Name, Version: x.Version, SDKVersion: x.SDKVersion, Path: x.Path, Type: "extension"}); err != nil {
			return err
		}
	}
	return nil
}

// osqueryFlag is one option of the command line.
type osqueryFlag struct {
	Name         string `col:"name" doc:"Name of the option."`
	Type         string `col:"type" doc:"Type of its value: bool, int, string, duration or list."`
	Description  string `col:"description" doc:"What it does."`
	DefaultValue string `col:"default_value" doc:"Value where none is given."`
	Value        string `col:"value" doc:"Present value."`
	ShellOnly    int32  `col:"shell_only" doc:"1 where only local commands have it, not the daemon."`
}

// Flags has a row for each option of the command that answers: those of the daemon, or those of the local command.
var Flags = tables.Define[osqueryFlag](tables.Spec{
	Name: "osquery_flags", Doc: "Options that the agent's program was started with.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT name, value FROM osquery_flags WHERE value != default_value"},
}, generateFlags)

func generateFlags(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osqueryFlag) error) error {
	flags, err := host.Self().Flags(ctx)
	if err != nil {
		return err
	}
	for _, f := range flags {
		row := osqueryFlag{Name: f.Name, Type: f.Type, Description: f.Description, DefaultValue: f.Default, Value: f.Value}
		if f.ShellOnly {
			row.ShellOnly = 1
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
