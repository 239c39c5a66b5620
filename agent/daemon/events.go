package daemon

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/agent/events"
	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/events/filewatch"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// record has the recorder follow a configuration: what its scheduled queries read, and what it and the policy file name.
func (d *daemon) record(config protocol.Config) {
	s := events.Settings{Refused: map[string]string{}}
	wanted := map[*tables.Table]bool{}
	for _, q := range config.Queries {
		for _, table := range d.eventTablesOf(q.SQL) {
			wanted[table] = true
		}
	}
	for _, e := range []*protocol.Events{config.Events, d.local.Events} {
		if e == nil {
			continue
		}
		for _, name := range e.Tables {
			if table := d.eventTable(name); table != nil {
				wanted[table] = true
			}
		}
		s.Files.Paths, s.Files.Excludes = union(s.Files.Paths, e.FilePaths), union(s.Files.Excludes, e.ExcludePaths)
		s.Files.Accesses = append(s.Files.Accesses, e.FileAccesses...)
		s.Channels = append(s.Channels, e.Channels...)
		s.Limits = tighter(s.Limits, e)
	}
	if table := d.eventTable(filewatch.Table); table != nil && !s.Files.Empty() {
		wanted[table] = true // who names paths wants to know of them
	}
	for _, table := range d.o.Tables {
		if !table.Event || !table.Platforms.Has(tables.BuildPlatform()) {
			continue
		}
		s.Known = append(s.Known, table.Name)
		if !wanted[table] {
			continue
		}
		if reason := d.refuses(table); reason != "" {
			s.Refused[table.Name] = reason
			continue
		}
		s.Tables = append(s.Tables, table.Name)
	}
	slices.Sort(s.Files.Accesses)
	slices.Sort(s.Channels)
	d.recorder.Configure(s)
}

// refuses says why a table is not recorded though somebody asks for it; "" where it is. What the fleet may not read is not
// kept on disk for it.
func (d *daemon) refuses(table *tables.Table) string {
	if slices.Contains(d.o.DisabledEvents, table.Name) || slices.Contains(d.o.DisabledEvents, "all") {
		return "switched off by --disable-events"
	}
	if d.o.Root != "" {
		return "an agent that sees its host from a container records no events"
	}
	ref := engine.TableRef{Table: table}
	for _, c := range table.Columns() {
		if !c.Hidden && (c.OS == 0 || c.OS.Has(tables.BuildPlatform())) {
			ref.Columns = append(ref.Columns, c.Name)
		}
	}
	if err := d.policyNow().Allow(ref); err != nil {
		return fmt.Sprintf("not recorded: %v", err)
	}
	return ""
}

// eventTablesOf lists the tables of events that a statement reads.
func (d *daemon) eventTablesOf(sql string) []*tables.Table {
	// Most statements read none; compiling each of some hundred checks to learn that takes its time.
	lower := strings.ToLower(sql)
	if !strings.Contains(lower, "_events") && !strings.Contains(lower, "syslog") {
		return nil
	}
	analysis, err := d.engine.Check(sql)
	if err != nil {
		return nil // the fleet is told when it is scheduled
	}
	var list []*tables.Table
	for _, ref := range analysis.Reads {
		if ref.Table.Event {
			list = append(list, ref.Table)
		}
	}
	return list
}

// eventTable gives a table of events by its name or alias, nil where there is none here.
func (d *daemon) eventTable(name string) *tables.Table {
	i := slices.IndexFunc(d.o.Tables, func(t *tables.Table) bool {
		return t.Event && (t.Name == name || slices.Contains(t.Aliases, name))
	})
	if i < 0 {
		return nil
	}
	return d.o.Tables[i]
}

func union(a, b map[string][]string) map[string][]string {
	if len(a) == 0 {
		return maps.Clone(b)
	}
	for category, paths := range b {
		a[category] = append(slices.Clone(a[category]), paths...)
	}
	return a
}

// tighter takes the smaller of each limit.
func tighter(l buffer.Limits, e *protocol.Events) buffer.Limits {
	smaller := func(have, said int64) int64 {
		if said <= 0 || have > 0 && have < said {
			return have
		}
		return said
	}
	return buffer.Limits{
		Rows: smaller(l.Rows, e.MaxRows), Bytes: smaller(l.Bytes, e.MaxBytes),
		Age: time.Duration(smaller(int64(l.Age), e.MaxAgeSeconds*int64(time.Second))),
	}
}
