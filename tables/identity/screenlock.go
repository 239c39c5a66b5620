package identity

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// screenLock tells whether the screen locks.
type screenLock struct {
	Enabled     int64 `col:"enabled" type:"INTEGER" doc:"1 where a password is needed."`
	GracePeriod int64 `col:"grace_period" type:"INTEGER" doc:"Seconds until it is needed; -1 where it never is."`
}

// Screenlock has one row where a profile or the user's settings tell; none where only the system's own keybag knows, as
// for the user who runs the agent of macOS since 10.13 without a profile.
// Source: the preferences com.apple.screensaver, enforced ones first.
var Screenlock = tables.Define[screenLock](tables.Spec{
	Name: "screenlock", Doc: "Whether a password is needed after the screen saver, and how soon.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT 1 FROM screenlock WHERE enabled = 1 AND grace_period <= 5"},
}, generateScreenlock)

const (
	managedPreferences = "/Library/Managed Preferences"
	screenSaverList    = "com.apple.screensaver.plist"
)

func generateScreenlock(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*screenLock) error) error {
	lists := []string{managedPreferences + "/" + screenSaverList}
	for _, entry := range hostfile.List(ctx, host, managedPreferences) {
		if entry.IsDir() {
			lists = append(lists, managedPreferences+"/"+entry.Name()+"/"+screenSaverList)
		}
	}
	lists = append(lists, "/Library/Preferences/"+screenSaverList)
	for _, file := range lists {
		list, ok := plist.Read(ctx, host, file)
		if !ok || !list.Has("askForPassword") {
			continue
		}
		row := screenLock{GracePeriod: -1}
		if list.Bool("askForPassword") {
			row.Enabled, row.GracePeriod = 1, list.IntOr("askForPasswordDelay", 0)
		}
		return emit(&row)
	}
	return ctx.Err()
}
