package services

import (
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// launchdOverride is one setting that overrides a job's own.
type launchdOverride struct {
	Label string `col:"label" doc:"Name of the job."`
	Key   string `col:"key" doc:"Overridden key, mostly Disabled."`
	Value string `col:"value" doc:"Value that counts."`
	UID   int64  `col:"uid" doc:"User for whom it counts; 0 for the system."`
	Path  string `col:"path" doc:"File that holds it."`
}

// LaunchdOverrides has a row for each job that an administrator or user switched on or off against its property list.
// Source: /var/db/com.apple.xpc.launchd/disabled*.plist and, of older systems, /var/db/launchd.db.
var LaunchdOverrides = tables.Define[launchdOverride](tables.Spec{
	Name: "launchd_overrides", Doc: "Settings that override those of launchd's jobs: who switched which job on or off.",
	Category: tables.Services, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT label, value, uid FROM launchd_overrides WHERE key = 'Disabled' AND value = '0'"},
}, generateLaunchdOverrides)

// launchdDisabled are the lists of newer systems, label to boolean; launchdOverridden those of older ones, label to keys.
const (
	launchdDisabled   = "/var/db/com.apple.xpc.launchd/disabled*.plist"
	launchdOverridden = "/var/db/launchd.db/*/overrides.plist"
)

func generateLaunchdOverrides(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*launchdOverride) error) error {
	for _, pattern := range []string{launchdDisabled, launchdOverridden} {
		files, err := host.Glob(pattern)
		if err != nil {
			return err
		}
		for _, file := range files {
			list, ok := plist.Read(ctx, host, file)
			if !ok {
				continue
			}
			for _, row := range launchdOverridesOf(list) {
				row.Path, row.UID = file, launchdOverrideUser(file)
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

func launchdOverridesOf(list plist.Dict) []launchdOverride {
	var rows []launchdOverride
	for _, label := range list.Keys() {
		keys, older := list[label].(plist.Dict)
		if !older {
			rows = append(rows, launchdOverride{Label: label, Key: "Disabled", Value: list.Text(label)})
		}
		for _, key := range keys.Keys() {
			rows = append(rows, launchdOverride{Label: label, Key: key, Value: keys.Text(key)})
		}
	}
	return rows
}

// launchdOverrideUser reads the user from disabled.501.plist or com.apple.launchd.peruser.501/overrides.plist.
func launchdOverrideUser(file string) int64 {
	name := strings.TrimSuffix(path.Base(file), ".plist")
	if name == "overrides" {
		name = path.Base(path.Dir(file))
	}
	uid, err := strconv.ParseUint(name[strings.LastIndexByte(name, '.')+1:], 10, 32)
	if err != nil {
		return 0
	}
	return int64(uid)
}
