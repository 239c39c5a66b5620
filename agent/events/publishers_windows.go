package events

import (
	"context"

	"github.com/tenantra/tenantra/agent/events/eventlog"
)

// publishers lists what this system has.
func publishers() []publisher {
	return []publisher{{
		name: eventlog.Publisher, tables: []string{eventlog.Table},
		needs: func(s Settings) (job, string) { return job{channels: s.Channels}, "" },
		run: func(ctx context.Context, o Options, j job) error {
			return eventlog.Run(ctx, j.channels, o.Buffer, o.Log)
		},
	}}
}
