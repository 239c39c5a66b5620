package packs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// Events is what agents are to record where a pack runs. Tables of events that the pack's queries read are recorded without
// being named.
type Events struct {
	Tables       []string            `yaml:"tables"`        // further tables of events, for live queries
	FilePaths    map[string][]string `yaml:"file_paths"`    // what file_events and process_file_events watch, by category; osquery's patterns
	ExcludePaths map[string][]string `yaml:"exclude_paths"` // what of it they leave out, by category
	FileAccesses []string            `yaml:"file_accesses"` // categories of which reading is told too
	Channels     []string            `yaml:"channels"`      // what windows_events follows
}

const (
	maxPaths = 1000 // patterns of a pack
	maxPath  = 4096
)

// Empty tells whether nothing is to be recorded beside what queries read.
func (e Events) Empty() bool {
	return len(e.Tables) == 0 && len(e.FilePaths) == 0 && len(e.ExcludePaths) == 0 && len(e.FileAccesses) == 0 && len(e.Channels) == 0
}

// checkEvents gives the mistakes in what a pack records, each at its place.
func (d *draft) checkEvents() []error {
	e, at := &d.pack.Events, func(key string) []string { return append(slices.Clone(d.eventsPath), key) }
	var mistakes []error
	mistake := func(key, format string, args ...any) {
		mistakes = append(mistakes, d.at(fmt.Sprintf(format, args...), 0, 0, at(key)...))
	}
	for i, name := range e.Tables {
		table := all.Find(name)
		if table == nil || !table.Event {
			mistake("tables", "%q is no table of events", name)
			continue
		}
		e.Tables[i] = table.Name
	}
	count := 0
	for key, group := range map[string]map[string][]string{"file_paths": e.FilePaths, "exclude_paths": e.ExcludePaths} {
		for _, category := range slices.Sorted(maps.Keys(group)) {
			if !isName(category, true) {
				mistake(key, "a category's name has letters, digits, blanks, . _ and -, at most 120")
			}
			for _, path := range group[category] {
				count++
				if err := checkPath(path); err != nil {
					mistake(key, "category %s: %v", category, err)
				}
			}
		}
	}
	if count > maxPaths {
		mistake("file_paths", "%d paths; at most %d are allowed", count, maxPaths)
	}
	for _, category := range e.FileAccesses {
		if len(e.FilePaths[category]) == 0 {
			mistake("file_accesses", "%q is no category of file_paths", category)
		}
	}
	for _, channel := range e.Channels {
		if channel == "" || len(channel) > 256 || strings.ContainsAny(channel, "\x00\n\"'<>&") {
			mistake("channels", "%.40q is no channel's name", channel)
		}
	}
	return mistakes
}

// checkPath holds osquery's patterns to what agents can watch.
func checkPath(path string) error {
	deep := strings.Index(path, "%%")
	if deep < 0 {
		deep = strings.Index(path, "**")
	}
	switch {
	case len(path) > maxPath || strings.ContainsRune(path, 0):
		return fmt.Errorf("a path has at most %d bytes and no NUL", maxPath)
	case !strings.HasPrefix(path, "/"):
		return fmt.Errorf("path %q does not begin with /", path)
	case slices.Contains(strings.Split(path, "/"), ".."):
		return fmt.Errorf("the name .. is not allowed in path %q", path)
	case deep >= 0 && (deep != len(path)-2 || path[deep-1] != '/'):
		return fmt.Errorf("path %q: %s stands alone at the end or not at all", path, path[deep:deep+2])
	}
	return nil
}

// EventsOf merges what agents of a platform record where all of these packs run: categories of one name become one.
func EventsOf(list []*Pack, platform tables.Platforms) Events {
	var out Events
	add := func(to *map[string][]string, from map[string][]string) {
		for category, paths := range from {
			if *to == nil {
				*to = map[string][]string{}
			}
			(*to)[category] = sortedUnion((*to)[category], paths)
		}
	}
	for _, p := range list {
		if !p.Platforms.Has(platform) {
			continue
		}
		for _, name := range p.Events.Tables {
			if table := all.Find(name); table != nil && table.Platforms.Has(platform) {
				out.Tables = sortedUnion(out.Tables, []string{table.Name})
			}
		}
		if platform == tables.Windows {
			out.Channels = sortedUnion(out.Channels, p.Events.Channels)
			continue
		}
		add(&out.FilePaths, p.Events.FilePaths)
		add(&out.ExcludePaths, p.Events.ExcludePaths)
		out.FileAccesses = sortedUnion(out.FileAccesses, p.Events.FileAccesses)
	}
	return out
}

func sortedUnion(a, b []string) []string {
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}
