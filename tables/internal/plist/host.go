package plist

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// Read reads a list that is one source of a table: one that is absent, not ours to read, or no dictionary is passed
// over with a line in the log.
func Read(ctx context.Context, host tables.Host, name string) (Dict, bool) {
	value, ok := ReadAny(ctx, host, name)
	dict, isDict := value.(Dict)
	return dict, ok && isDict
}

// ReadAny is as Read for a list of any outermost value.
func ReadAny(ctx context.Context, host tables.Host, name string) (any, bool) {
	data, err := host.ReadFile(name)
	if err != nil {
		if !hostfile.Absent(err) {
			hostfile.Skipped(ctx, host, name, err)
		}
		return nil, false
	}
	value, err := Parse(data)
	if err != nil {
		hostfile.Skipped(ctx, host, name, err)
		return nil, false
	}
	return value, true
}

// Command reads the list that a command prints. One that fails, as on a system at rest, has nothing to tell.
func Command(ctx context.Context, host tables.Host, argv ...string) (any, bool) {
	out, err := host.Run(ctx, argv...)
	if err == nil {
		var value any
		if value, err = Parse(out); err == nil {
			return value, true
		}
	}
	hostfile.Skipped(ctx, host, argv[0], err)
	return nil, false
}
