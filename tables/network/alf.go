package network

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// applicationFirewall is the state of the application firewall.
type applicationFirewall struct {
	AllowSignedEnabled tables.Null[int64] `col:"allow_signed_enabled" type:"INTEGER" doc:"1 where signed programs may accept connections."`
	FirewallUnload     tables.Null[int64] `col:"firewall_unload" type:"INTEGER" doc:"1 where it is unloaded."`
	GlobalState        tables.Null[int64] `col:"global_state" type:"INTEGER" doc:"0 off, 1 on, 2 all incoming connections are blocked."`
	LoggingEnabled     tables.Null[int64] `col:"logging_enabled" type:"INTEGER" doc:"1 where it logs."`
	LoggingOption      tables.Null[int64] `col:"logging_option" type:"INTEGER" doc:"How much it logs."`
	StealthEnabled     tables.Null[int64] `col:"stealth_enabled" type:"INTEGER" doc:"1 where it does not answer probes."`
	Version            string             `col:"version" collate:"VERSION" doc:"Version of the firewall."`
}

// ALF has one row. What a system no longer tells is NULL.
// Source: /Library/Preferences/com.apple.alf.plist, or, since macOS 15, system_profiler(8) and socketfilterfw on a running
// system.
var ALF = tables.Define[applicationFirewall](tables.Spec{
	Name: "alf", Doc: "The application firewall of macOS.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{
		"SELECT global_state, stealth_enabled FROM alf",
		"SELECT 1 FROM alf WHERE global_state >= 1",
	},
}, generateALF)

const (
	alfFile    = "/Library/Preferences/com.apple.alf.plist"
	alfCommand = "/usr/libexec/ApplicationFirewall/socketfilterfw"
)

func generateALF(ctx context.Context, host tables.Host, q *tables.Query, emit func(*applicationFirewall) error) error {
	if list, ok := plist.Read(ctx, host, alfFile); ok && list.Has("globalstate") {
		return emit(&applicationFirewall{
			AllowSignedEnabled: alfInt(list, "allowsignedenabled"), FirewallUnload: alfInt(list, "firewallunload"), GlobalState: alfInt(list, "globalstate"),
			LoggingEnabled: alfInt(list, "loggingenabled"), LoggingOption: alfInt(list, "loggingoption"), StealthEnabled: alfInt(list, "stealthenabled"),
			Version: list.Text("version"),
		})
	}
	report := profiler.Report(ctx, host, "SPFirewallDataType")
	items := report.Dicts("_items")
	if len(items) == 0 {
		return ctx.Err()
	}
	row := alfOf(items[len(items)-1])
	row.Version = report.Dict("_versionInfo").Text("com.apple.SystemProfiler.SPFirewallReporter")
	if q.Wants("allow_signed_enabled") {
		if out, err := host.Run(ctx, alfCommand, "--getallowsigned"); err != nil {
			hostfile.Skipped(ctx, host, alfCommand, err)
		} else if text := string(out); strings.Contains(text, "ENABLED") || strings.Contains(text, "DISABLED") {
			row.AllowSignedEnabled = tables.Some(flag(strings.Contains(text, "downloaded signed software ENABLED")))
		}
	}
	return emit(&row)
}

func alfInt(list plist.Dict, key string) tables.Null[int64] {
	v, ok := list.Int(key)
	return tables.Null[int64]{V: v, Valid: ok}
}

// alfOf reads the System Profiler's item.
func alfOf(item plist.Dict) applicationFirewall {
	yes := func(key string) tables.Null[int64] {
		text := item.Text(key)
		return tables.Null[int64]{V: flag(text == "Yes"), Valid: text == "Yes" || text == "No"}
	}
	row := applicationFirewall{LoggingEnabled: yes("spfirewall_loggingenabled"), StealthEnabled: yes("spfirewall_stealthenabled")}
	switch item.Text("spfirewall_globalstate") {
	case "spfirewall_globalstate_allow_all":
		row.GlobalState = tables.Some(int64(0))
	case "spfirewall_globalstate_limit_connections":
		row.GlobalState = tables.Some(int64(1))
	case "spfirewall_globalstate_block_all":
		row.GlobalState = tables.Some(int64(2))
	}
	return row
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
