// Package modules says which tables agents can tell as a whole. A module is such a table: its rows are a collection of
// their own, so that the fleet answers SQL about the table without asking anybody, also for endpoints that are away.
package modules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

const prefix = "module:"

// Module is a table that can be collected.
type Module struct {
	Table    *tables.Table
	Interval time.Duration // where nobody says otherwise
	Default  bool          // collected where nobody says otherwise

	left map[string]bool // columns that change all the time
}

// Collection is the name under which agents send the module's rows.
func (m Module) Collection() string { return prefix + m.Table.Name }

// OfCollection gives the table whose rows a collection holds as a whole.
func OfCollection(collection string) (table string, ok bool) {
	return strings.CutPrefix(collection, prefix)
}

// All lists the modules, sorted by name.
func All() []Module {
	var list []Module
	for _, table := range all.Tables() {
		if m, err := Find(table.Name); err == nil {
			list = append(list, m)
		}
	}
	return list
}

// Find gives the module of a table by its name or alias. Its error says why there is none.
func Find(name string) (Module, error) {
	table := all.Find(name)
	if table == nil {
		return Module{}, fmt.Errorf("there is no table %q", name)
	}
	if table.Network {
		return Module{}, fmt.Errorf("table %s opens network connections and is not collected", table.Name)
	}
	var required []string
	for _, c := range table.Columns() {
		if c.Required {
			required = append(required, c.Name)
		}
	}
	if len(required) > 0 {
		return Module{}, fmt.Errorf("table %s answers only for a given %s and is not collected as a whole: ask live, or schedule the query in a pack", table.Name, strings.Join(required, " or "))
	}
	m := Module{Table: table, Interval: intervalOf(table.Cost), left: volatile[table.Name]}
	_, m.Default = standard[table.Name]
	if m.Default && standard[table.Name] > 0 {
		m.Interval = standard[table.Name]
	}
	return m, nil
}

func intervalOf(cost tables.Cost) time.Duration {
	if cost == tables.Expensive {
		return 24 * time.Hour
	}
	return time.Hour
}

// Kept tells whether a column is collected where a tenant allows columns up to a class. A column that is hidden, of a
// higher class, or that changes with every look is not.
func (m Module) Kept(c *tables.Column, allowed tables.Class) bool {
	return !c.Hidden && !m.left[c.Name] && c.Class <= min(allowed, tables.ClassContent)
}

// Columns lists the columns that are collected on a platform, in the table's order. None means that the table is not
// there, or that nothing of it is allowed.
func (m Module) Columns(platform tables.Platforms, allowed tables.Class) []string {
	if m.Table.Platforms&platform == 0 {
		return nil
	}
	var names []string
	for i := range m.Table.Columns() {
		c := &m.Table.Columns()[i]
		if m.Kept(c, allowed) && (c.OS == 0 || c.OS&platform != 0) {
			names = append(names, c.Name)
		}
	}
	return names
}

// SQL is the statement that agents of a platform run, "" where there is nothing to collect. A table of one person's data
// is asked for every account.
func (m Module) SQL(platform tables.Platforms, allowed tables.Class) string {
	names := m.Columns(platform, allowed)
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "t.%q", name)
	}
	if m.Table.UserData && m.Table.Column("uid") >= 0 {
		fmt.Fprintf(&b, " FROM users AS u CROSS JOIN %q AS t ON t.uid = u.uid", m.Table.Name)
		return b.String()
	}
	fmt.Fprintf(&b, " FROM %q AS t", m.Table.Name)
	return b.String()
}

// Mode says how the module's rows are sent.
func (m Module) Mode() protocol.Mode {
	if m.Table.Event {
		return protocol.ModeAppend
	}
	return protocol.ModeDifferential
}

// State is how far a module is on.
type State string

// The states. A tenant that says nothing has each module's own: Collected where Default is set, else Live.
const (
	Collected State = "collected" // agents tell its rows, and answer live queries of it
	Live      State = "live"      // agents answer live queries, packs and checks of it
	Off       State = "off"       // agents refuse every statement that reads it
)

// Setting is what a tenant says of a module. Zero values leave the module's own.
type Setting struct {
	State    State
	Interval time.Duration
}

// Settings is what a tenant says of all modules, by table name, and the highest privacy class that its agents tell.
type Settings struct {
	Allowed tables.Class
	Of      map[string]Setting
	Paused  bool // the tenant is suspended: its agents have nothing to do
}

// Standard is what holds where nobody says anything: content is not told.
func Standard() Settings { return Settings{Allowed: tables.ClassPersonal} }

// Effective gives the state of a module and how often it is collected.
func (s Settings) Effective(m Module) (State, time.Duration) {
	said := s.Of[m.Table.Name]
	if said.State == "" {
		said.State = Live
		if m.Default {
			said.State = Collected
		}
	}
	if said.Interval <= 0 {
		said.Interval = m.Interval
	}
	return said.State, said.Interval
}

// OffTables lists the tables that agents refuse, sorted.
func (s Settings) OffTables() []string {
	var names []string
	for name, said := range s.Of {
		if said.State == Off {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// standard lists the modules that are on where nobody says otherwise: what changes rarely and is asked for often. A zero
// interval is the cost class's own.
var standard = map[string]time.Duration{
	"apt_sources": 0, "authorized_keys": 0, "block_devices": 0, "certificates": 0, "chrome_extensions": 0, "crontab": 0, "deb_packages": 0,
	"disk_encryption": 0, "dns_resolvers": 0, "etc_hosts": 0, "firefox_addons": 0, "groups": 0, "interface_addresses": 0, "interface_details": 0,
	"kernel_info": 0, "kernel_modules": 0, "listening_ports": 15 * time.Minute, "logged_in_users": 15 * time.Minute, "mounts": 0, "npm_packages": 0,
	"os_version": 0, "platform_info": 0, "processes": 15 * time.Minute, "programs": 0, "python_packages": 0, "routes": 0, "rpm_packages": 0,
	"secureboot": 0, "services": 0, "sshd_config": 0, "startup_items": 0, "sudoers": 0, "system_info": 0, "systemd_units": 0, "tenantra_info": 0,
	"usb_devices": 0, "user_groups": 0, "users": 0, "vscode_extensions": 0, "yum_sources": 0, "apps": 0, "homebrew_packages": 0, "scheduled_tasks": 0,
	"patches": 0, "launchd": 0,
}

// volatile lists columns that differ at every look. Collecting them would store the whole table anew each time and tell
// nothing that a live query does not tell better.
var volatile = map[string]map[string]bool{
	"cpu_info":          set("load_percentage", "current_clock_speed"),
	"interface_details": set("ipackets", "opackets", "ibytes", "obytes", "ierrors", "oerrors", "idrops", "odrops", "collisions", "last_change"),
	"iptables":          set("packets", "bytes"),
	"mounts":            set("blocks_free", "blocks_available", "inodes_free"),
	"processes": set("state", "wired_size", "resident_size", "total_size", "user_time", "system_time", "disk_bytes_read", "disk_bytes_written", "threads",
		"elapsed_time", "handle_count", "percent_processor_time"),
	"listening_ports": set("fd", "socket"),
	"shared_memory":   set("atime", "dtime", "attached"),
	"systemd_units":   set("job_id", "job_type", "job_path"),
	"services":        set("pid"),
	"tenantra_info":   set("spool_batches", "spool_bytes", "config_hash", "pid"),
}

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}
