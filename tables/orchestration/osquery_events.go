package orchestration

import (
	"context"
	"math"
	"slices"

	"github.com/tenantra/tenantra/tables"
)

// osqueryEvents is the state of one publisher, or of one table of events.
type osqueryEvents struct {
	Name          string `col:"name" doc:"Publisher, or table that shows the events."`
	Publisher     string `col:"publisher" doc:"What records them; empty where nothing does."`
	Type          string `col:"type" doc:"publisher or subscriber."`
	Subscriptions int32  `col:"subscriptions" doc:"What it is told to watch: rules, directories, sockets."`
	Events        int32  `col:"events" doc:"Events recorded since the agent started."`
	Refreshes     int32  `col:"refreshes" doc:"Changes of what is watched."`
	Active        int32  `col:"active" doc:"1 where events are recorded."`
}

// Events has a row for each publisher, and for each table of events of the scanned platform. Table tenantra_events says more:
// why a table is not active, and what was lost.
var Events = tables.Define[osqueryEvents](tables.Spec{
	Name: "osquery_events", Doc: "Publishers of events, and the tables that show what they record.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT name FROM osquery_events WHERE type = 'subscriber' AND active = 0"},
}, generateEvents)

func generateEvents(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*osqueryEvents) error) error {
	list, err := eventTables(ctx, host)
	if err != nil {
		return err
	}
	var publishers, subscribers []osqueryEvents
	for _, t := range list {
		row := osqueryEvents{
			Name: t.Name, Publisher: t.Publisher, Type: "subscriber", Subscriptions: clamp(t.Subscriptions), Events: clamp(t.Recorded), Refreshes: clamp(t.Refreshes),
		}
		if t.Active {
			row.Active = 1
		}
		subscribers = append(subscribers, row)
		if t.Publisher == "" {
			continue
		}
		i := slices.IndexFunc(publishers, func(p osqueryEvents) bool { return p.Name == t.Publisher })
		if i < 0 {
			i = len(publishers)
			publishers = append(publishers, osqueryEvents{Name: t.Publisher, Publisher: t.Publisher, Type: "publisher"})
		}
		p := &publishers[i]
		p.Subscriptions, p.Events = clamp(int64(p.Subscriptions)+t.Subscriptions), clamp(int64(p.Events)+t.Recorded)
		p.Refreshes, p.Active = max(p.Refreshes, row.Refreshes), max(p.Active, row.Active)
	}
	for _, row := range slices.Concat(publishers, subscribers) {
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// clamp keeps a counter in osquery's column, which has 32 bits.
func clamp(n int64) int32 { return int32(min(n, math.MaxInt32)) }
