package tables

import (
	"fmt"
	"strings"
)

// Platforms is a set of operating systems.
type Platforms uint8

// The operating systems that agents run on.
const (
	Linux Platforms = 1 << iota
	Darwin
	Windows

	AllPlatforms = Linux | Darwin | Windows
)

var platformNames = []struct {
	platform Platforms
	name     string
}{{Linux, "linux"}, {Darwin, "darwin"}, {Windows, "windows"}}

// Names lists the set's members by their GOOS names, in the order linux, darwin, windows.
func (p Platforms) Names() []string {
	var names []string
	for _, n := range platformNames {
		if p&n.platform != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// Has tells whether all of q are in p.
func (p Platforms) Has(q Platforms) bool { return p&q == q }

// String joins the names by a comma.
func (p Platforms) String() string { return strings.Join(p.Names(), ",") }

// ParsePlatforms reads names joined by commas or spaces: linux, darwin (or macos), windows, all, posix.
func ParsePlatforms(text string) (Platforms, error) {
	var p Platforms
	for _, name := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' }) {
		switch name {
		case "linux":
			p |= Linux
		case "darwin", "macos":
			p |= Darwin
		case "windows":
			p |= Windows
		case "posix":
			p |= Linux | Darwin
		case "all", "any":
			p |= AllPlatforms
		default:
			return 0, fmt.Errorf("unknown platform %q: use linux, darwin or windows", name)
		}
	}
	return p, nil
}

// Category is one of the product's twelve module categories; each has one package below tables/.
type Category string

// The twelve categories. The last four let a person query the product itself.
const (
	System        Category = "System Inventory"
	Identity      Category = "Identity Management"
	Network       Category = "Network Exposure"
	Files         Category = "File System Auditing"
	Services      Category = "Services & Autoruns"
	Kernel        Category = "Kernel & Registry"
	Threat        Category = "Threat Detection"
	Anomaly       Category = "Anomaly Tracking"
	Compliance    Category = "Compliance Matching"
	Alerting      Category = "Alerting & Notifications"
	Billing       Category = "Cost & Billing Metrics"
	Orchestration Category = "Orchestration Logic"
)

// Categories lists all twelve in the order in which people see them.
var Categories = []Category{System, Identity, Network, Files, Services, Kernel, Threat, Anomaly, Compliance, Alerting, Billing, Orchestration}

// Cost says roughly what a full scan of the table costs on a usual machine.
type Cost uint8

// The cost classes.
const (
	Cheap     Cost = iota // a few files or system calls: under 10 ms of CPU
	Moderate              // grows with processes, packages or users: under 200 ms
	Expensive             // walks file trees, hashes, or runs commands
)

// String is cheap, moderate or expensive.
func (c Cost) String() string { return [...]string{"cheap", "moderate", "expensive"}[c] }

// Privilege says what a table needs to answer in full.
type Privilege uint8

// The privileges. A table never fails for the lack of one; it leaves out what it may not see.
const (
	AnyUser       Privilege = iota // complete without privilege
	RootForOthers                  // complete for the caller's own objects; others' need root or Administrator
	Root                           // empty, or nearly so, without root or Administrator
)

// String is user, root_for_others or root.
func (p Privilege) String() string { return [...]string{"user", "root_for_others", "root"}[p] }

// Class is the privacy class of a column. Order matters: a reader allowed a class may read all lower ones.
type Class uint8

// The privacy classes.
const (
	ClassInventory Class = iota // what the machine is made of; the default
	ClassPersonal               // names of people, log-ins, home directories, location
	ClassContent                // environment, history, contents of files and logs
	ClassSecret                 // never leaves the endpoint: password hashes, private keys, tokens
)

var classNames = [...]string{"inventory", "personal", "content", "secret"}

// String is inventory, personal, content or secret.
func (c Class) String() string { return classNames[c] }

// ParseClass reads a class by its name.
func ParseClass(name string) (Class, error) {
	for i, n := range classNames {
		if n == name {
			return Class(i), nil
		}
	}
	return 0, fmt.Errorf("unknown privacy class %q: use inventory, personal, content or secret", name)
}

// Spec describes a table apart from its columns.
type Spec struct {
	Name      string   // lower snake_case; osquery's name where osquery has the table
	Aliases   []string // further names of the same table
	Doc       string   // one sentence
	Category  Category
	Platforms Platforms
	Cost      Cost
	Privilege Privilege
	Portable  bool     // one generator, which only reads through its host, serves images of all the platforms in every build
	Network   bool     // the generator opens network connections
	Event     bool     // rows come from a buffer of recorded events
	UserData  bool     // without a uid constraint it answers for the current user only
	Examples  []string // statements that a test runs and the reference shows
}
