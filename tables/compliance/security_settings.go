package compliance

import (
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// securitySetting is one number or switch among the settings of the system.
type securitySetting struct {
	Place  string `col:"place" opt:"required,index" collate:"NOCASE" doc:"Key of the registry from HKEY_LOCAL_MACHINE on; on macOS the domain of preferences, such as com.apple.loginwindow."`
	Name   string `col:"name" collate:"NOCASE" doc:"Name of the value; on macOS with slashes where it lies within a dictionary."`
	Value  string `col:"value" doc:"Number in decimal; a switch is 0 or 1."`
	Forced int32  `col:"forced" doc:"1 where device management or a group policy sets it."`
}

// SecuritySettings has a row for each number and switch below the places that a statement names. Texts are left out, but
// for those that are a number and not named like a password: this table's rows may leave a machine where those of registry and preferences may not.
// Source: the registry's API or hive files; /Library/Preferences and /Library/Managed Preferences.
var SecuritySettings = tables.DefineByPlatform(tables.Spec{
	Name: "security_settings", Doc: "Numbers and switches of Windows' registry and macOS' preferences that checks of security ask for.",
	Category: tables.Compliance, Platforms: tables.Windows | tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{
		`SELECT value FROM security_settings WHERE place = 'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa' AND name = 'LmCompatibilityLevel'`,
		"SELECT name, value, forced FROM security_settings WHERE place = 'com.apple.SoftwareUpdate'",
	},
}, tables.Generators[securitySetting]{Windows: registrySettings, Darwin: preferenceSettings})

// settingPlaces begins the keys that may be asked for: those of policies and of the system's own parts.
var settingPlaces = []string{
	`HKEY_LOCAL_MACHINE\SOFTWARE\Policies\`, `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\`,
	`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\`, `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\`,
}

func registrySettings(ctx context.Context, host tables.Host, q *tables.Query, emit func(*securitySetting) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	for _, place := range q.Equal("place") {
		if !registryPlace(place) {
			continue
		}
		row := securitySetting{Place: place}
		if strings.Contains(strings.ToUpper(place), `\POLICIES\`) {
			row.Forced = 1
		}
		for _, value := range r.Key(place).Values() {
			n, ok := value.Int()
			isText := value.Type == registry.SZ || value.Type == registry.ExpandSZ
			if !ok || value.Name == "" || isText && secretName(value.Name) {
				continue
			}
			row.Name, row.Value = value.Name, strconv.FormatInt(n, 10)
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func registryPlace(place string) bool {
	for _, prefix := range settingPlaces {
		if len(place) > len(prefix) && strings.EqualFold(place[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

func secretName(name string) bool { return strings.Contains(strings.ToLower(name), "password") }

func preferenceSettings(ctx context.Context, host tables.Host, q *tables.Query, emit func(*securitySetting) error) error {
	for _, domain := range q.Equal("place") {
		if domain == "" || strings.ContainsAny(domain, "/\x00") {
			continue
		}
		forced := settingsOf(ctx, host, path.Join("/Library/Managed Preferences", domain+".plist"))
		own := settingsOf(ctx, host, path.Join("/Library/Preferences", domain+".plist"))
		for _, row := range forced.rows {
			row.Place, row.Forced = domain, 1
			if err := emit(&row); err != nil {
				return err
			}
		}
		for _, row := range own.rows {
			if _, overridden := forced.at[row.Name]; overridden {
				continue
			}
			row.Place = domain
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// settings are the numbers and switches of one property list, in the order of their names.
type settings struct {
	rows []securitySetting
	at   map[string]struct{}
}

func settingsOf(ctx context.Context, host tables.Host, file string) settings {
	s := settings{at: map[string]struct{}{}}
	if _, err := host.Stat(file); err != nil {
		if !hostfile.Absent(err) {
			hostfile.Skipped(ctx, host, file, err)
		}
		return s
	}
	if list, ok := plist.Read(ctx, host, file); ok {
		s.add("", list, 0)
	}
	return s
}

const settingsDepth = 8 // of dictionaries within each other

func (s *settings) add(prefix string, list plist.Dict, depth int) {
	for _, key := range list.Keys() {
		name := prefix + key
		switch value := list[key].(type) {
		case plist.Dict:
			if depth < settingsDepth {
				s.add(name+"/", value, depth+1)
			}
		case bool:
			text := "0"
			if value {
				text = "1"
			}
			s.keep(name, text)
		default:
			if n, ok := list.Int(key); ok {
				s.keep(name, strconv.FormatInt(n, 10))
			}
		}
	}
}

func (s *settings) keep(name, value string) {
	if secretName(name) && !strings.HasPrefix(strings.ToLower(name), "askforpassword") {
		return
	}
	if _, twice := s.at[name]; !twice {
		s.at[name] = struct{}{}
		s.rows = append(s.rows, securitySetting{Name: name, Value: value})
	}
}
