package threat

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/sqlitefile"
)

// approvedApp is one program that a person allowed in spite of Gatekeeper.
type approvedApp struct {
	Path        string  `col:"path" doc:"Program, as it was when it was allowed."`
	Requirement string  `col:"requirement" doc:"What its signature must meet."`
	Ctime       float64 `col:"ctime" doc:"When it was allowed, as a Julian day."`
	Mtime       float64 `col:"mtime" doc:"Last change, as a Julian day."`
}

// GatekeeperApprovedApps has a row for each exception that still counts.
// Source: the database of the system's policy.
var GatekeeperApprovedApps = tables.Define[approvedApp](tables.Spec{
	Name: "gatekeeper_approved_apps", Doc: "Programs that a person allowed in spite of Gatekeeper.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT path, datetime(mtime) AS changed FROM gatekeeper_approved_apps"},
}, generateGatekeeperApprovedApps)

func generateGatekeeperApprovedApps(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*approvedApp) error) error {
	place, found := gatekeeperPlace(host)
	if !found {
		return nil
	}
	return sqlitefile.OneOfMany(ctx, host, place+"SystemPolicy", systemPolicyMax, []string{"authority"}, func(db *sqlitefile.DB) error {
		// Times are Julian days; the clock is the host's, so that an image shows the same at any time.
		const julianOfUnix, secondsOfDay = 2440587.5, 86400
		now := float64(host.Now().Unix())/secondsOfDay + julianOfUnix
		rows, err := db.QueryContext(ctx, `SELECT remarks, requirement, ctime, mtime FROM authority
			WHERE disabled = 0 AND expires > ? AND (flags & 1) = 0 AND label IS NULL ORDER BY id`, now)
		if err != nil {
			return fmt.Errorf("read policy: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var program, requirement sql.NullString
			var created, changed sql.NullFloat64
			if err := rows.Scan(&program, &requirement, &created, &changed); err != nil {
				return fmt.Errorf("read policy: %w", err)
			}
			row := approvedApp{Path: program.String, Requirement: requirement.String, Ctime: created.Float64, Mtime: changed.Float64}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
