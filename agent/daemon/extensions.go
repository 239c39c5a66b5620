package daemon

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/extension"
	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// Extensions says which osquery extensions the agent serves.
type Extensions struct {
	Socket   string   // that they connect to; "" serves none
	Programs []string // that the agent starts, and starts again when they end
}

// extensions serves osquery extensions; without a manager there are none.
type extensions struct {
	o       Options
	manager *extension.Manager
}

func newExtensions(o Options, local policy.Local) extensions {
	if o.Extensions.Socket == "" {
		return extensions{}
	}
	return extensions{o, extension.New(extension.Options{
		Path: o.Extensions.Socket, Version: o.Version, Tables: o.Tables, Class: local.ClassOfExtensions(), Flags: o.Flags,
		Log: o.Log.With("component", "extension"),
	})}
}

func (x extensions) self(inner tables.Self) tables.Self {
	if x.manager == nil {
		return inner
	}
	return x.manager.Self(inner)
}

// run serves until the context ends. A program that cannot be kept is logged: the agent's own work goes on without it.
func (x extensions) run(ctx context.Context, e *engine.Engine) error {
	if x.manager == nil {
		return nil
	}
	listener, err := x.manager.Listen(ctx)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return x.manager.Run(ctx, listener, e) })
	for _, program := range x.o.Extensions.Programs {
		g.Go(func() error {
			if err := x.manager.Keep(ctx, program); err != nil {
				x.o.Log.ErrorContext(ctx, "an extension is not started", "program", program, "err", err)
			}
			return nil
		})
	}
	return g.Wait()
}
