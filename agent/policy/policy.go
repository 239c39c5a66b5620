// Package policy says what of this endpoint the fleet may ask for: what the fleet's configuration allows, never beyond
// the floors that a file of this endpoint sets. The local shell is not bound by it.
package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// sizeMax bounds the policy file.
const sizeMax = 64 << 10

// Local is the policy file of the endpoint, JSON. Who administers the endpoint writes it; the fleet cannot.
//
//	{"allowed_class": "inventory", "network_tables": false, "disabled_tables": ["shell_history"],
//	 "events": {"file_paths": {"etc": ["/etc/%%"]}}}
//
// A table of events that is disabled is not recorded either.
type Local struct {
	AllowedClass   string   `json:"allowed_class,omitempty"`  // highest class the fleet may ever ask for; content where absent
	NetworkTables  bool     `json:"network_tables,omitempty"` // tables that open network connections answer the fleet
	DisabledTables []string `json:"disabled_tables,omitempty"`
	ExtensionClass string   `json:"extension_class,omitempty"` // of all columns of osquery extensions; content where absent
	// Events is what is recorded here beside what the fleet asks for.
	Events *protocol.Events `json:"events,omitempty"`
	// PrometheusTargets are the addresses that prometheus_metrics reads: http or https, of this machine or of its networks. The fleet
	// names none, since it could have agents ask inside networks.
	PrometheusTargets []string `json:"prometheus_targets,omitempty"`
}

// targetsMax bounds how many addresses of Prometheus targets are taken.
const targetsMax = 32

// checkTargets holds that each target is an address that may be asked as it stands.
func checkTargets(targets []string) error {
	if len(targets) > targetsMax {
		return fmt.Errorf("more than %d addresses", targetsMax)
	}
	for _, target := range targets {
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
			return fmt.Errorf("%q is no address of http or https without user and password", target)
		}
	}
	return nil
}

// ClassOfExtensions is the class of the columns of osquery extensions. Only who administers the endpoint knows what is in them:
// without a word of theirs it is content, which a fleet has to be allowed.
func (l Local) ClassOfExtensions() tables.Class {
	class, err := tables.ParseClass(l.ExtensionClass)
	if err != nil {
		return tables.ClassContent
	}
	return class
}

// DefaultFile is where the policy file is looked for.
func DefaultFile() string { return defaultFile }

// Load reads a policy file; where there is none, no floor is set and network tables stay off. A file that others than the
// administrator could have written is refused.
func Load(path string) (Local, error) {
	var local Local
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return local, nil
	}
	if err != nil {
		return local, fmt.Errorf("policy file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return local, fmt.Errorf("policy file: %w", err)
	}
	if err := checkOwner(path, info); err != nil {
		return local, err
	}
	if !info.Mode().IsRegular() || info.Size() > sizeMax {
		return local, fmt.Errorf("policy file %s: not a regular file of at most %d KiB", path, sizeMax>>10)
	}
	text := make([]byte, info.Size())
	if _, err := f.ReadAt(text, 0); err != nil {
		return local, fmt.Errorf("policy file: %w", err)
	}
	if err := protocol.Decode(text, &local); err != nil {
		return Local{}, fmt.Errorf("policy file %s: %w", path, err)
	}
	if local.ExtensionClass != "" {
		if _, err := tables.ParseClass(local.ExtensionClass); err != nil {
			return Local{}, fmt.Errorf("policy file %s: extension_class: %w", path, err)
		}
	}
	if local.AllowedClass != "" {
		if _, err := tables.ParseClass(local.AllowedClass); err != nil {
			return Local{}, fmt.Errorf("policy file %s: allowed_class: %w", path, err)
		}
	}
	if err := checkTargets(local.PrometheusTargets); err != nil {
		return Local{}, fmt.Errorf("policy file %s: prometheus_targets: %w", path, err)
	}
	return local, nil
}

// Refused is a table, or a class of column, that the policy keeps from the fleet.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return r.Reason }

// Policy is what holds now.
type Policy struct {
	class    tables.Class
	network  bool
	disabled []string
}

// New joins the file's floors with what the fleet's configuration allows. Without a configuration only the inventory is
// allowed; a class that this agent does not know allows no more than that.
func New(local Local, config protocol.Config) Policy {
	class, err := tables.ParseClass(config.AllowedClass)
	if err != nil {
		class = tables.ClassInventory
	}
	if floor, err := tables.ParseClass(local.AllowedClass); err == nil {
		class = min(class, floor)
	}
	p := Policy{class: min(class, tables.ClassContent), network: local.NetworkTables}
	for _, name := range slices.Concat(local.DisabledTables, config.DisabledTables) {
		p.disabled = append(p.disabled, strings.ToLower(name))
	}
	return p
}

// Allow tells whether a statement of the fleet may read a table's columns. Its error is a *Refused.
func (p Policy) Allow(ref engine.TableRef) error {
	for _, name := range append([]string{ref.Table.Name}, ref.Table.Aliases...) {
		if slices.Contains(p.disabled, name) {
			return &Refused{fmt.Sprintf("table %s is switched off", ref.Table.Name)}
		}
	}
	if ref.Table.Network && !p.network {
		return &Refused{fmt.Sprintf("table %s opens network connections, which this endpoint's policy file does not allow to the fleet", ref.Table.Name)}
	}
	for _, name := range ref.Columns {
		if class := ref.Table.Columns()[ref.Table.Column(name)].Class; class > p.class {
			return &Refused{fmt.Sprintf("column %s.%s is of class %s, and only %s is allowed", ref.Table.Name, name, class, p.class)}
		}
	}
	return nil
}
