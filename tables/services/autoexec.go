package services

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// autoexecEntry is one program that starts by itself.
type autoexecEntry struct {
	Path   string `col:"path" opt:"index" doc:"Path of the program, as its source holds it."`
	Name   string `col:"name" doc:"Name of the entry."`
	Source string `col:"source" doc:"Table that lists it in full."`
}

// Autoexec has a row for each program that services, scheduled_tasks, drivers and startup_items name.
var Autoexec = tables.Define[autoexecEntry](tables.Spec{
	Name: "autoexec", Doc: "Programs that start by themselves: drivers, services, tasks and start-up entries.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT path, name, source FROM autoexec WHERE source = 'startup_items'"},
}, generateAutoexec)

func generateAutoexec(ctx context.Context, host tables.Host, q *tables.Query, emit func(*autoexecEntry) error) error {
	paths := q.Equal("path")
	entry := func(path, name, source string) error {
		if path == "" || paths != nil && !slices.Contains(paths, path) {
			return nil
		}
		return emit(&autoexecEntry{Path: path, Name: name, Source: source})
	}
	r := registry.Open(ctx, host)
	defer r.Close()
	err := eachService(ctx, r, func(s *service) error {
		source := "services"
		if strings.HasSuffix(s.ServiceType, "DRIVER") {
			source = "drivers"
		}
		if s.ModulePath != "" {
			if err := entry(s.ModulePath, s.Name, source); err != nil {
				return err
			}
		}
		return entry(s.Path, s.Name, source)
	})
	if err != nil {
		return err
	}
	w := taskWalk{ctx: ctx, host: host, cache: r.Key(taskCache), emit: func(t *scheduledTask) error { return entry(t.Action, t.Name, "scheduled_tasks") }}
	if err := w.directory("", taskDepth); err != nil {
		return err
	}
	return eachWindowsStartupItem(ctx, host, r, func(s *startupItem) error { return entry(s.Path, s.Name, "startup_items") })
}
