package kernel

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// preference is one value of the system's or a user's preferences.
type preference struct {
	Domain   string `col:"domain" opt:"index" doc:"Domain, mostly the identifier of a program."`
	Key      string `col:"key" opt:"index" doc:"Key within the domain."`
	Subkey   string `col:"subkey" doc:"Path to a value within a list or dictionary, parted by slashes."`
	Value    string `col:"value" class:"content" doc:"Value, a boolean as true or false; empty for bytes."`
	Forced   int64  `col:"forced" type:"INTEGER" doc:"1 where a profile enforces it."`
	Username string `col:"username" opt:"additional" class:"personal" doc:"User whose preference it is; empty for the machine."`
	Host     string `col:"host" doc:"current for values of this machine only, any for others."`
}

// Preferences has a row for each value, those within lists and dictionaries one by one. Without a username it is the
// machine's own; a domain makes it read one file. A setting that a profile enforces is shown with the enforced value.
// Source: /Library/Preferences, the users' Library/Preferences with ByHost, and /Library/Managed Preferences.
var Preferences = tables.Define[preference](tables.Spec{
	Name: "preferences", Doc: "Preferences of the machine or, by username, of a user, as defaults(1) shows them.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true, Portable: true,
	Examples: []string{
		"SELECT key, value FROM preferences WHERE domain = 'com.apple.SoftwareUpdate'",
		"SELECT u.username, p.value FROM users u JOIN preferences p ON p.username = u.username WHERE p.domain = 'com.apple.screensaver' AND p.key = 'idleTime'",
	},
}, generatePreferences)

const (
	machinePreferences = "/Library/Preferences"
	userPreferences    = "Library/Preferences"
)

func generatePreferences(ctx context.Context, host tables.Host, q *tables.Query, emit func(*preference) error) error {
	r := preferenceReader{ctx: ctx, host: host, domains: q.Equal("domain"), keys: q.Equal("key"), emit: emit}
	users := q.Equal("username")
	if users == nil || slices.Contains(users, "") {
		for _, file := range hostfile.Files(ctx, host, machinePreferences) {
			domain, isList := strings.CutSuffix(path.Base(file), ".plist")
			if !isList || !r.wants(domain) {
				continue
			}
			if list, ok := plist.Read(ctx, host, file); ok {
				if err := r.domain(preference{Domain: domain, Host: "any"}, list); err != nil {
					return err
				}
			}
		}
	}
	if users == nil {
		return ctx.Err()
	}
	return homes.All(ctx, host, func(home *homes.Home) error {
		if !slices.Contains(users, home.User.Name) {
			return nil
		}
		return r.user(home)
	})
}

type preferenceReader struct {
	ctx           context.Context
	host          tables.Host
	domains, keys []string // nil: all
	emit          func(*preference) error
}

func (r *preferenceReader) wants(domain string) bool {
	return r.domains == nil || slices.Contains(r.domains, domain)
}

func (r *preferenceReader) user(home *homes.Home) error {
	for _, dir := range []string{userPreferences, userPreferences + "/ByHost"} {
		for _, entry := range home.List(dir) {
			domain, isList := strings.CutSuffix(entry.Name(), ".plist")
			row := preference{Username: home.User.Name, Host: "any"}
			if dir != userPreferences { // DOMAIN.UUID-OF-THE-MACHINE.plist
				row.Host = "current"
				if at := strings.LastIndexByte(domain, '.'); at >= 0 {
					domain = domain[:at]
				}
			}
			if !isList || !r.wants(domain) {
				continue
			}
			row.Domain = domain
			data, ok := home.Read(dir + "/" + entry.Name())
			if !ok {
				continue
			}
			list, err := plist.ParseDict(data)
			if err != nil {
				hostfile.Skipped(r.ctx, r.host, home.Path(dir+"/"+entry.Name()), err)
				continue
			}
			if err := r.domain(row, list); err != nil {
				return err
			}
		}
	}
	return nil
}

// domain emits the values of one list, enforced ones in the place of its own.
func (r *preferenceReader) domain(row preference, list plist.Dict) error {
	forced, _ := plist.Read(r.ctx, r.host, managedPreferences+"/"+row.Domain+".plist")
	if row.Username != "" {
		if of, ok := plist.Read(r.ctx, r.host, managedPreferences+"/"+path.Base(row.Username)+"/"+row.Domain+".plist"); ok {
			forced = of
		}
	}
	for _, key := range list.Keys() {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if r.keys != nil && !slices.Contains(r.keys, key) {
			continue
		}
		row.Key, row.Forced = key, 0
		value := list[key]
		if forced.Has(key) {
			value, row.Forced = forced[key], 1
		}
		if err := r.value(row, value); err != nil {
			return err
		}
	}
	return nil
}

// value emits a value, or each one within it.
func (r *preferenceReader) value(row preference, value any) error {
	below := row.Subkey
	if below != "" {
		below += "/"
	}
	switch v := value.(type) {
	case plist.Dict:
		for _, key := range v.Keys() {
			row.Subkey = below + key
			if err := r.value(row, v[key]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		for i, item := range v {
			row.Subkey = below + strconv.Itoa(i)
			if err := r.value(row, item); err != nil {
				return err
			}
		}
		return nil
	case bool:
		row.Value = strconv.FormatBool(v)
	case []byte: // not shown, as in osquery: it is mostly a program's own format
	default:
		row.Value = plist.Text(value)
	}
	return r.emit(&row)
}
