package threat

import (
	"context"
	"fmt"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/sqlitefile"
)

// gatekeeper is the state of Gatekeeper.
type gatekeeper struct {
	AssessmentsEnabled int64  `col:"assessments_enabled" type:"INTEGER" doc:"1 where programs are checked."`
	DevIDEnabled       int64  `col:"dev_id_enabled" type:"INTEGER" doc:"1 where programs of identified developers may run."`
	Version            string `col:"version" collate:"VERSION" doc:"Version of its data."`
	OpaqueVersion      string `col:"opaque_version" collate:"VERSION" doc:"Version of its list of older signatures."`
}

// Gatekeeper has one row on a system that has it.
// Source: the property lists and the database of the system's policy, since macOS 15 in /var/db/SystemPolicyConfiguration.
var Gatekeeper = tables.Define[gatekeeper](tables.Spec{
	Name: "gatekeeper", Doc: "Whether macOS checks programs before it runs them.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT assessments_enabled, dev_id_enabled FROM gatekeeper"},
}, generateGatekeeper)

// gatekeeperPlaces are where the policy lies since macOS 15, and before.
var gatekeeperPlaces = [...]string{"/var/db/SystemPolicyConfiguration/", "/var/db/"}

const (
	gatekeeperOpaque = "/var/db/gkopaque.bundle/Contents/version.plist"
	systemPolicyMax  = 64 << 20
)

func generateGatekeeper(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*gatekeeper) error) error {
	place, found := gatekeeperPlace(host)
	if !found {
		return nil
	}
	row := gatekeeper{AssessmentsEnabled: 1, DevIDEnabled: 1} // as it is where nothing else is set
	if list, ok := plist.Read(ctx, host, place+"SystemPolicy-prefs.plist"); ok && list.Has("enabled") {
		if !list.Bool("enabled") {
			row.AssessmentsEnabled, row.DevIDEnabled = 0, 0
		} else if disabled, err := developersDisabled(ctx, host, place+"SystemPolicy"); err != nil {
			return err
		} else if disabled {
			row.DevIDEnabled = 0
		}
	}
	if list, ok := plist.Read(ctx, host, place+"gke.bundle/Contents/version.plist"); ok {
		row.Version = list.Text("CFBundleShortVersionString")
	}
	if list, ok := plist.Read(ctx, host, gatekeeperOpaque); ok {
		row.OpaqueVersion = list.Text("CFBundleShortVersionString")
	}
	return emit(&row)
}

// gatekeeperPlace gives the directory that the policy's database is in.
func gatekeeperPlace(host tables.Host) (string, bool) {
	for _, place := range gatekeeperPlaces {
		if _, err := host.Stat(place + "SystemPolicy"); err == nil {
			return place, true
		}
	}
	return "", false
}

func developersDisabled(ctx context.Context, host tables.Host, file string) (disabled bool, err error) {
	err = sqlitefile.OneOfMany(ctx, host, file, systemPolicyMax, []string{"authority"}, func(db *sqlitefile.DB) error {
		const query = `SELECT EXISTS (SELECT 1 FROM authority WHERE label = 'Developer ID' AND disabled = 1)`
		if err := db.QueryRowContext(ctx, query).Scan(&disabled); err != nil {
			return fmt.Errorf("read policy: %w", err)
		}
		return nil
	})
	return disabled, err
}
