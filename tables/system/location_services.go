package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// locationServices tells whether the machine finds out where it is.
type locationServices struct {
	Enabled int64 `col:"enabled" type:"INTEGER" doc:"1 where they are on."`
}

// LocationServices has one row.
// Source: the preferences of locationd(8), which only root may read.
var LocationServices = tables.Define[locationServices](tables.Spec{
	Name: "location_services", Doc: "Whether location services are on.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT enabled FROM location_services"},
}, generateLocationServices)

const locationPreferences = "/var/db/locationd/Library/Preferences/ByHost/com.apple.locationd*.plist"

func generateLocationServices(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*locationServices) error) error {
	files, err := host.Glob(locationPreferences)
	if err != nil {
		return err
	}
	for _, file := range files {
		list, ok := plist.Read(ctx, host, file)
		if !ok {
			continue
		}
		enabled, told := list.Int("LocationServicesEnabled")
		if !told {
			continue
		}
		return emit(&locationServices{Enabled: enabled})
	}
	return ctx.Err()
}
