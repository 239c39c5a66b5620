package events

import (
	"context"
	"errors"
	"slices"

	"github.com/tenantra/tenantra/agent/events/audit"
	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/events/connector"
	"github.com/tenantra/tenantra/agent/events/filewatch"
	"github.com/tenantra/tenantra/agent/events/syslog"
	"github.com/tenantra/tenantra/agent/events/uevent"
)

// publishers lists what this system has.
func publishers() []publisher {
	return []publisher{
		{
			name: filewatch.Publisher, tables: []string{filewatch.Table}, needs: watchedFiles,
			run: func(ctx context.Context, o Options, j job) error { return filewatch.Run(ctx, j.files, o.Buffer, o.Log) },
		},
		{
			name: filewatch.AccessPublisher, tables: []string{filewatch.AccessTable}, needs: watchedFiles,
			run: func(ctx context.Context, o Options, j job) error {
				return filewatch.RunAccesses(ctx, j.files, o.Buffer, o.Log)
			},
		},
		{
			name: audit.Publisher, tables: audit.Tables, needs: nothing,
			run: runAudit,
		},
		{
			name: uevent.Publisher, tables: []string{uevent.Table}, needs: nothing,
			run: func(ctx context.Context, o Options, _ job) error { return uevent.Run(ctx, o.Buffer, o.Log) },
		},
		{
			name: syslog.Publisher, tables: []string{syslog.Table}, needs: nothing,
			run: func(ctx context.Context, o Options, _ job) error { return syslog.Run(ctx, o.StateDir, o.Buffer, o.Log) },
		},
	}
}

// runAudit listens to the kernel's audit or, where that is refused, to what else tells of programs.
func runAudit(ctx context.Context, o Options, j job) error {
	err := audit.Run(ctx, j.tables, o.Buffer, o.Log)
	if !errors.Is(err, audit.ErrRefused) || !slices.Contains(j.tables, connector.Table) {
		return err
	}
	for _, table := range j.tables {
		o.Buffer.SetStatus(table, buffer.Status{Publisher: audit.Publisher, Reason: err.Error()})
	}
	return errors.Join(err, connector.Run(ctx, err.Error(), o.Buffer, o.Log))
}

// nothing is what a publisher follows that only has to know its tables.
func nothing(Settings) (job, string) { return job{}, "" }

func watchedFiles(s Settings) (job, string) {
	if s.Files.Empty() {
		return job{}, "no paths are configured: name them in a pack's events.file_paths"
	}
	return job{files: s.Files}, ""
}
