package identity

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/sqlitefile"
)

// authorizationMechanism is one step that a right evaluates.
type authorizationMechanism struct {
	Label      string `col:"label" opt:"index" doc:"Name of the right or rule."`
	Plugin     string `col:"plugin" doc:"Plug-in."`
	Mechanism  string `col:"mechanism" doc:"Function of the plug-in."`
	Privileged string `col:"privileged" doc:"true where it runs as root."`
	Entry      string `col:"entry" doc:"The whole step, as plugin:mechanism,privileged."`
}

// AuthorizationMechanisms has a row for each step of each right, in their order.
// Source: /var/db/auth.db, which only root may read.
var AuthorizationMechanisms = tables.Define[authorizationMechanism](tables.Spec{
	Name: "authorization_mechanisms", Doc: "Plug-ins that decide on rights of macOS's authorization services, a known place for persistence.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT label, entry FROM authorization_mechanisms WHERE plugin NOT IN ('builtin', 'loginwindow', 'HomeDirMechanism', 'MCXMechanism', 'PKINITMechanism', 'CryptoTokenKit', 'SecurityAgent')"},
}, generateAuthorizationMechanisms)

func generateAuthorizationMechanisms(ctx context.Context, host tables.Host, q *tables.Query, emit func(*authorizationMechanism) error) error {
	wanted := q.Equal("label")
	needs := []string{"rules", "mechanisms_map", "mechanisms"}
	return sqlitefile.OneOfMany(ctx, host, authorizationFile, authorizationMax, needs, func(db *sqlitefile.DB) error {
		rows, err := db.QueryContext(ctx, `SELECT r.name, m.plugin, m.param, m.privileged FROM rules r JOIN mechanisms_map x ON x.r_id = r.id
			JOIN mechanisms m ON m.id = x.m_id ORDER BY r.name, x.ord`)
		if err != nil {
			return fmt.Errorf("read mechanisms: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var label, plugin, mechanism sql.NullString
			var privileged sql.NullBool
			if err := rows.Scan(&label, &plugin, &mechanism, &privileged); err != nil {
				return fmt.Errorf("read mechanisms: %w", err)
			}
			if wanted != nil && !slices.Contains(wanted, label.String) {
				continue
			}
			row := authorizationMechanism{
				Label: label.String, Plugin: plugin.String, Mechanism: mechanism.String, Privileged: strconv.FormatBool(privileged.Bool),
				Entry: plugin.String + ":" + mechanism.String,
			}
			if privileged.Bool {
				row.Entry += ",privileged"
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
