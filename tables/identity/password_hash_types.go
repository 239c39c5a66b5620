package identity

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// passwordHashType is how one account's password is kept.
type passwordHashType struct {
	Username   string             `col:"username" class:"personal" doc:"Login name."`
	Scheme     string             `col:"scheme" doc:"How the password is hashed: yescrypt, bcrypt, sha512crypt, md5crypt, des, none for an account that needs no password, or unknown."`
	Strength   string             `col:"strength" doc:"How well that resists guessing: strong, acceptable, weak or none."`
	Status     string             `col:"status" doc:"empty, locked, active or not_set, as in shadow."`
	LastChange tables.Null[int64] `col:"last_change" doc:"Last change of the password, in Unix seconds; NULL where that is not kept."`
	AgeDays    tables.Null[int64] `col:"age_days" doc:"Days since the last change."`
	MaxDays    tables.Null[int64] `col:"max_days" doc:"Days after which it must be changed; NULL where it need not."`
	Source     string             `col:"source" doc:"File that holds it."`
}

// PasswordHashTypes has a row for each account whose password is kept on the machine. A locked account that keeps its hash shows
// the scheme; neither hash nor salt is part of a row.
// Source: shadow(5), and the password field of passwd(5) of systems without it; crypt(5).
var PasswordHashTypes = tables.DefineByPlatform(tables.Spec{
	Name: "password_hash_types", Doc: "How the passwords of local accounts are hashed and how old they are, never the hash.",
	Category: tables.Identity, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{
		"SELECT username, scheme FROM password_hash_types WHERE strength IN ('weak', 'none') AND status != 'locked'",
		"SELECT username, age_days FROM password_hash_types WHERE status = 'active' AND age_days > 365",
	},
}, tables.Generators[passwordHashType]{Linux: generatePasswordHashTypes})

// hashSchemes are the schemes of crypt(5) by their sign.
var hashSchemes = map[string]struct{ name, strength string }{
	"1": {"md5crypt", "weak"}, "2": {"bcrypt", "strong"}, "2a": {"bcrypt", "strong"}, "2b": {"bcrypt", "strong"}, "2x": {"bcrypt", "weak"}, "2y": {"bcrypt", "strong"},
	"3": {"nthash", "weak"}, "5": {"sha256crypt", "acceptable"}, "6": {"sha512crypt", "acceptable"}, "7": {"scrypt", "strong"}, "gy": {"gost-yescrypt", "strong"},
	"y": {"yescrypt", "strong"}, "md5": {"sunmd5", "weak"}, "sha1": {"sha1crypt", "weak"}, "argon2id": {"argon2id", "strong"}, "argon2i": {"argon2i", "strong"},
}

func generatePasswordHashTypes(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*passwordHashType) error) error {
	today := host.Now().Unix() / secondsPerDay
	for _, file := range []string{shadowFile, "/etc/passwd"} {
		data, err := hostfile.Source(ctx, host, file)
		if err != nil {
			return err
		}
		for _, row := range parsePasswordHashes(data, file == shadowFile, today) {
			row.Source = file
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

const secondsPerDay = 24 * 60 * 60

// parsePasswordHashes reads shadow(5), or passwd(5), of which only entries with a password of their own have a row.
func parsePasswordHashes(data []byte, shadow bool, today int64) []passwordHashType {
	var rows []passwordHashType
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if len(f) < 2 || f[0] == "" || strings.ContainsAny(f[0][:1], "#+-") {
			continue
		}
		if !shadow && (f[1] == "x" || len(f) < 7) {
			continue
		}
		row := passwordHashType{Username: f[0], Status: passwordStatus(f[1])}
		row.Scheme, row.Strength = describeHash(f[1])
		number := func(i int) (int64, bool) {
			if !shadow || i >= len(f) {
				return 0, false
			}
			v, err := strconv.ParseInt(f[i], 10, 64)
			return v, err == nil && v >= 0 && v < 1<<31
		}
		const changeField, maxField, never = 2, 4, 99999
		if day, ok := number(changeField); ok && day > 0 {
			row.LastChange, row.AgeDays = tables.Some(day*secondsPerDay), tables.Some(today-day)
		}
		if days, ok := number(maxField); ok && days < never {
			row.MaxDays = tables.Some(days)
		}
		rows = append(rows, row)
	}
	return rows
}

// describeHash names the scheme of a password field. An account that cannot log in by password has none to guess.
func describeHash(field string) (scheme, strength string) {
	if field == "" {
		return "none", "none"
	}
	hash := strings.TrimLeft(field, "!*")
	if hash == "" || hash == "x" {
		return "unknown", "strong" // nothing that a password could match
	}
	if known, ok := hashSchemes[hashScheme(hash)]; ok {
		return known.name, known.strength
	}
	const desLength = 13
	switch {
	case strings.HasPrefix(hash, "_") && len(hash) == 20:
		return "bsdi-des", "weak"
	case len(hash) == desLength && !strings.Contains(hash, "$"):
		return "des", "weak"
	}
	return "unknown", "weak"
}
