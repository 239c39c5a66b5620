package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// alfException is one program that the application firewall treats by a rule of its own.
type alfException struct {
	Path  string `col:"path" doc:"Program, or bundle identifier."`
	State int64  `col:"state" type:"INTEGER" doc:"0 incoming connections are allowed, 2 they are blocked."`
}

// ALFExceptions has a row for each program.
// Source: as of ALF; since macOS 15 a program is named by its bundle identifier.
var ALFExceptions = tables.Define[alfException](tables.Spec{
	Name: "alf_exceptions", Doc: "Programs for which the application firewall has a rule.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT path, state FROM alf_exceptions WHERE state = 0"},
}, generateALFExceptions)

func generateALFExceptions(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*alfException) error) error {
	if list, ok := plist.Read(ctx, host, alfFile); ok && list.Has("globalstate") {
		for _, e := range list.Dicts("exceptions") {
			if err := emit(&alfException{Path: e.Text("path"), State: e.IntOr("state", -1)}); err != nil {
				return err
			}
		}
		for _, a := range list.Dicts("applications") {
			row := alfException{Path: a.Text("bundleid"), State: a.IntOr("state", -1)}
			if row.Path == "" {
				continue
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
	for _, item := range profiler.Items(ctx, host, "SPFirewallDataType") {
		programs := item.Dict("spfirewall_applications")
		for _, name := range programs.Keys() {
			row := alfException{Path: name}
			switch programs.Text(name) {
			case "spfirewall_allow_all":
			case "spfirewall_block_all":
				row.State = 2
			default:
				continue
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
