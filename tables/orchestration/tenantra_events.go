package orchestration

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

// eventTable is what becomes of the events of one table.
type eventTable struct {
	Name          string `col:"name" doc:"Table that shows the events."`
	Publisher     string `col:"publisher" doc:"What records them; empty where nothing does."`
	Active        int32  `col:"active" doc:"1 where events are recorded."`
	Reason        string `col:"reason" doc:"Why none are recorded and what to do, or what of them cannot be seen; empty where there is nothing to say."`
	Subscriptions int64  `col:"subscriptions" doc:"What is watched: rules, directories, sockets."`
	Refreshes     int64  `col:"refreshes" doc:"Changes of what is watched."`
	Recorded      int64  `col:"recorded" doc:"Events recorded since the agent started."`
	Dropped       int64  `col:"dropped" doc:"Events lost before they were recorded since the agent started, as far as the system tells how many."`
	LastDrop      string `col:"last_drop" doc:"Why the last of them was lost."`
	Evicted       int64  `col:"evicted" doc:"Events that newer ones pushed out of the buffer since the agent started."`
	Expired       int64  `col:"expired" doc:"Events removed from the buffer for their age since the agent started."`
	Rows          int64  `col:"rows" doc:"Events in the buffer."`
	SizeBytes     int64  `col:"size_bytes" doc:"Bytes of the events in the buffer."`
}

// EventTables has a row for each table of events of the scanned platform.
// Source: the agent's buffer of events; without a daemon nothing is active.
var EventTables = tables.Define[eventTable](tables.Spec{
	Name: "tenantra_events", Doc: "What records each table of events, why not, and how many events were lost.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT name, dropped, last_drop FROM tenantra_events WHERE dropped > 0", "SELECT name, reason FROM tenantra_events WHERE active = 0"},
}, generateEventTables)

func generateEventTables(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*eventTable) error) error {
	list, err := eventTables(ctx, host)
	if err != nil {
		return err
	}
	for _, t := range list {
		row := eventTable{
			Name: t.Name, Publisher: t.Publisher, Reason: t.Reason, Subscriptions: t.Subscriptions, Refreshes: t.Refreshes, Recorded: t.Recorded,
			Dropped: t.Dropped, LastDrop: t.LastDrop, Evicted: t.Evicted, Expired: t.Expired, Rows: t.Rows, SizeBytes: t.Bytes,
		}
		if t.Active {
			row.Active = 1
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// eventTables lists the tables of events of the scanned platform by name, with what the agent knows of each.
func eventTables(ctx context.Context, host tables.Host) ([]tables.EventTable, error) {
	known, err := host.Self().EventTables(ctx)
	if err != nil {
		return nil, err
	}
	reason := "nothing asks for its events: schedule a query of it, or name it in a pack's events"
	if len(known) == 0 {
		reason = "nothing has recorded events here: the daemon (tenantra-agent run) does"
	}
	byName := make(map[string]tables.EventTable, len(known))
	for _, t := range known {
		byName[t.Name] = t
	}
	var list []tables.EventTable
	for _, table := range threat.Tables {
		if !table.Event || !table.Platforms.Has(host.Platform()) {
			continue
		}
		t, ok := byName[table.Name]
		if !ok {
			t = tables.EventTable{Name: table.Name, Reason: reason}
		}
		list = append(list, t)
	}
	return list, nil
}
