package identity

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const shadowFile = "/etc/shadow"

// shadowEntry is the state of one account's password. Days count from 1970-01-01; -1 is "not set", as getspent(3) has it.
type shadowEntry struct {
	PasswordStatus string `col:"password_status" doc:"empty (logs in without a password), locked, active or not_set."`
	HashAlg        string `col:"hash_alg" doc:"Hashing scheme of the password: 1 (MD5), 5 (SHA-256), 6 (SHA-512), y (yescrypt), 2b (bcrypt) and so on; empty where none is named."`
	LastChange     int64  `col:"last_change" doc:"Day of the last password change; 0 demands a change at the next login."`
	Min            int64  `col:"min" doc:"Days that must pass between two changes."`
	Max            int64  `col:"max" doc:"Days after which the password must be changed."`
	Warning        int64  `col:"warning" doc:"Days before expiry on which the user is warned."`
	Inactive       int64  `col:"inactive" doc:"Days after expiry during which the old password still lets in to change it."`
	Expire         int64  `col:"expire" doc:"Day on which the account expires."`
	Flag           int64  `col:"flag" doc:"Reserved field."`
	Username       string `col:"username" opt:"index" class:"personal" doc:"Login name."`
}

// Shadow has a row for each account with password data. The hash itself is never part of a row.
// Source: shadow(5); passwd(5)'s password field is not looked at.
var Shadow = tables.Define[shadowEntry](tables.Spec{
	Name: "shadow", Doc: "State and age of each local account's password, never the password or its hash.",
	Category: tables.Identity, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{
		"SELECT username FROM shadow WHERE password_status = 'empty'",
		"SELECT username, max FROM shadow WHERE password_status = 'active' AND (max < 0 OR max > 365)",
	},
}, generateShadow)

func generateShadow(ctx context.Context, host tables.Host, q *tables.Query, emit func(*shadowEntry) error) error {
	data, err := hostfile.Source(ctx, host, shadowFile)
	if err != nil {
		return err
	}
	names := q.Equal("username")
	for _, row := range parseShadow(data) {
		if names != nil && !slices.Contains(names, row.Username) {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseShadow reads shadow(5). A line without a name or a password field is no entry; a number that is absent or
// broken is -1.
func parseShadow(data []byte) []shadowEntry {
	var entries []shadowEntry
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if len(f) < 2 || f[0] == "" || strings.ContainsAny(f[0][:1], "#+-") {
			continue
		}
		e := shadowEntry{Username: f[0], PasswordStatus: passwordStatus(f[1]), HashAlg: hashScheme(f[1])}
		for i, number := range []*int64{&e.LastChange, &e.Min, &e.Max, &e.Warning, &e.Inactive, &e.Expire, &e.Flag} {
			*number = -1
			if 2+i < len(f) {
				if v, err := strconv.ParseInt(f[2+i], 10, 64); err == nil {
					*number = v
				}
			}
		}
		entries = append(entries, e)
	}
	return entries
}

func passwordStatus(field string) string {
	switch {
	case field == "":
		return "empty"
	case field == "!!": // what useradd of Red Hat writes before the first password
		return "not_set"
	case strings.ContainsAny(field[:1], "!*x"):
		return "locked"
	default:
		return "active"
	}
}

// hashScheme gives the name between the first two dollar signs of a crypt(5) field. Anything longer or stranger than a
// scheme's name is left out, so that no part of a misplaced secret gets through.
func hashScheme(field string) string {
	rest, ok := strings.CutPrefix(field, "$")
	if !ok {
		return ""
	}
	scheme, _, ok := strings.Cut(rest, "$")
	if !ok || len(scheme) > 12 {
		return ""
	}
	for _, c := range scheme {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return ""
		}
	}
	return scheme
}
