package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// alfExplicitAuth is one interpreter that the application firewall asks about each script of.
type alfExplicitAuth struct {
	Process string `col:"process" doc:"Bundle identifier or path of the program."`
}

// ALFExplicitAuths has a row for each such program; none since macOS 15, which no longer tells.
// Source: /Library/Preferences/com.apple.alf.plist.
var ALFExplicitAuths = tables.Define[alfExplicitAuth](tables.Spec{
	Name: "alf_explicit_auths", Doc: "Programs that the application firewall asks about explicitly.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT process FROM alf_explicit_auths"},
}, generateALFExplicitAuths)

func generateALFExplicitAuths(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*alfExplicitAuth) error) error {
	list, ok := plist.Read(ctx, host, alfFile)
	if !ok {
		return ctx.Err()
	}
	for _, item := range list.Dicts("explicitauths") {
		if err := emit(&alfExplicitAuth{Process: item.Text("id")}); err != nil {
			return err
		}
	}
	return nil
}
