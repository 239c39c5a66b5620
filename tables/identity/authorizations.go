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

// authorization is one right that programs ask the system for, with what it takes to get it.
type authorization struct {
	Label            string `col:"label" opt:"index" doc:"Name of the right or rule."`
	Modified         string `col:"modified" doc:"Last change, in seconds since 2001."`
	AllowRoot        string `col:"allow_root" doc:"true where root gets it without more."`
	Timeout          string `col:"timeout" doc:"Seconds for which a password counts."`
	Version          string `col:"version" doc:"Version of the rule."`
	Tries            string `col:"tries" doc:"How many times a password may be tried."`
	AuthenticateUser string `col:"authenticate_user" doc:"true where a person must give a password."`
	Shared           string `col:"shared" doc:"true where a password given for another right counts."`
	Comment          string `col:"comment" doc:"What it is for."`
	Created          string `col:"created" doc:"When it was made, in seconds since 2001."`
	Class            string `col:"class" doc:"user, rule, evaluate-mechanisms, allow or deny."`
	SessionOwner     string `col:"session_owner" doc:"true where the session's owner gets it."`
}

// Authorizations has a row for each right and rule. What the database does not tell is empty.
// Source: /var/db/auth.db, which only root may read.
var Authorizations = tables.Define[authorization](tables.Spec{
	Name: "authorizations", Doc: "Rights of macOS's authorization services and what it takes to get them.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT label, class, allow_root, shared FROM authorizations WHERE label = 'system.preferences'"},
}, generateAuthorizations)

const (
	authorizationFile = "/var/db/auth.db"
	authorizationMax  = 32 << 20
)

// Flags of a rule, of Apple's authd.
const (
	ruleShared           = 1 << 0
	ruleAllowRoot        = 1 << 1
	ruleSessionOwner     = 1 << 2
	ruleAuthenticateUser = 1 << 3
)

func generateAuthorizations(ctx context.Context, host tables.Host, q *tables.Query, emit func(*authorization) error) error {
	wanted := q.Equal("label")
	needs := []string{"rules", "mechanisms_map", "delegates_map"}
	return sqlitefile.OneOfMany(ctx, host, authorizationFile, authorizationMax, needs, func(db *sqlitefile.DB) error {
		classes, err := fixedClasses(ctx, db)
		if err != nil {
			return err
		}
		rows, err := db.QueryContext(ctx, `SELECT name, class, timeout, flags, tries, version, created, modified, comment,
			EXISTS (SELECT 1 FROM mechanisms_map m WHERE m.r_id = r.id), EXISTS (SELECT 1 FROM delegates_map d WHERE d.r_id = r.id)
			FROM rules r ORDER BY name`)
		if err != nil {
			return fmt.Errorf("read rules: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var name, comment sql.NullString
			var class, timeout, flags, tries, version sql.NullInt64
			var created, modified sql.NullFloat64
			var mechanisms, delegates bool
			if err := rows.Scan(&name, &class, &timeout, &flags, &tries, &version, &created, &modified, &comment, &mechanisms, &delegates); err != nil {
				return fmt.Errorf("read rules: %w", err)
			}
			if wanted != nil && !slices.Contains(wanted, name.String) {
				continue
			}
			row := authorization{
				Label: name.String, Comment: comment.String, Timeout: number(timeout), Tries: number(tries), Version: number(version),
				Created: strconv.FormatInt(int64(created.Float64), 10), Modified: strconv.FormatInt(int64(modified.Float64), 10),
				AllowRoot: strconv.FormatBool(flags.Int64&ruleAllowRoot != 0), AuthenticateUser: strconv.FormatBool(flags.Int64&ruleAuthenticateUser != 0),
				Shared: strconv.FormatBool(flags.Int64&ruleShared != 0), SessionOwner: strconv.FormatBool(flags.Int64&ruleSessionOwner != 0),
			}
			switch {
			case classes[class.Int64] != "":
				row.Class = classes[class.Int64]
			case mechanisms:
				row.Class = "evaluate-mechanisms"
			case delegates:
				row.Class = "rule"
			default:
				row.Class = "user"
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// fixedClasses learns the numbers of the classes allow and deny from the rules of these names, which each system has.
func fixedClasses(ctx context.Context, db *sqlitefile.DB) (map[int64]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT name, class FROM rules WHERE name IN ('allow', 'deny') AND typeof(class) = 'integer'`)
	if err != nil {
		return nil, fmt.Errorf("read classes: %w", err)
	}
	defer rows.Close()
	classes := map[int64]string{}
	for rows.Next() {
		var name string
		var class int64
		if err := rows.Scan(&name, &class); err != nil {
			return nil, fmt.Errorf("read classes: %w", err)
		}
		classes[class] = name
	}
	return classes, rows.Err()
}

func number(n sql.NullInt64) string {
	if !n.Valid {
		return ""
	}
	return strconv.FormatInt(n.Int64, 10)
}
