package threat

import (
	"context"
	"encoding/binary"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// backgroundActivity is the last run of one program by one user.
type backgroundActivity struct {
	Path              string `col:"path" doc:"Program, by device path or the name of an application package."`
	LastExecutionTime int64  `col:"last_execution_time" doc:"When it ran last, in Unix seconds."`
	SID               string `col:"sid" class:"personal" doc:"Security identifier of the user."`
}

// BackgroundActivitiesModerator has a row for each program and user.
// Source: the service bam's UserSettings in HKEY_LOCAL_MACHINE\SYSTEM.
var BackgroundActivitiesModerator = tables.Define[backgroundActivity](tables.Spec{
	Name: "background_activities_moderator", Doc: "Programs that users ran lately, as Windows records them to limit background activity.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT path, datetime(last_execution_time, 'unixepoch') FROM background_activities_moderator"},
}, generateBackgroundActivitiesModerator)

// Windows 10 before 1809 kept the settings one level higher.
var moderatorKeys = [...]string{
	`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\bam\State\UserSettings`,
	`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\bam\UserSettings`,
}

func generateBackgroundActivitiesModerator(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*backgroundActivity) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	for _, path := range moderatorKeys {
		err := r.Key(path).Keys(func(user *registry.Key) error {
			for _, v := range user.Values() {
				if v.Type != registry.Binary || len(v.Data) < 8 {
					continue // the version and sequence number of the settings
				}
				last := registry.FileTime(binary.LittleEndian.Uint64(v.Data))
				if err := emit(&backgroundActivity{Path: v.Name, LastExecutionTime: unixOf(last), SID: user.Name()}); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}
