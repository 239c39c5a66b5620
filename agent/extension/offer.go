package extension

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/osquery/osquery-go/gen/osquery"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// Offering is our tables as an extension of a real osqueryd.
type Offering struct {
	Socket  string // osqueryd's own, --extensions_socket
	Version string // of the agent
	Prefix  string // before the name of each table; "" leaves out those that osquery has itself
	Engine  *engine.Engine
	Tables  []*tables.Table
	Log     *slog.Logger
	Ping    time.Duration // between two looks at osqueryd; 0 is 5 s
}

// offerName is what osquery_extensions shows.
const offerName = "tenantra"

// errEnded is why an offer ends that osqueryd does not want any more.
var errEnded = errors.New("osquery asked this extension to end")

// Offer registers the tables and answers for them until the context ends. It fails where osqueryd is not there, refuses the
// registration, goes away, or asks it to end.
func Offer(ctx context.Context, o Offering) error {
	if o.Ping <= 0 {
		o.Ping = 5 * time.Second
	}
	platform := tables.BuildPlatform()
	p := plugins{engine: o.Engine, tables: prefixed(named(o.Tables, platform), o.Prefix), platform: platform}
	if o.Prefix == "" {
		taken, err := o.theirTables(ctx)
		if err != nil {
			return err
		}
		var skipped int
		p.tables, skipped = without(p.tables, taken)
		o.Log.InfoContext(ctx, "tables that osquery has itself are left out: --prefix offers them under another name", "tables", skipped)
	}
	uuid, err := o.register(ctx, p)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, o.Socket+"."+strconv.FormatInt(int64(uuid), 10))
	if err != nil {
		return errors.Join(err, o.deregister(ctx, uuid))
	}
	o.Log.InfoContext(ctx, "tables are offered to osquery", "tables", len(p.tables), "uuid", int64(uuid))
	ask := &asked{plugins: p, end: make(chan struct{})}
	g, running := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(running, listener, osquery.NewExtensionProcessor(ask), o.Log) })
	g.Go(func() error { return o.watch(running, ask.end) })
	if err := g.Wait(); err != nil {
		return err
	}
	return o.deregister(context.WithoutCancel(ctx), uuid)
}

// manager asks osqueryd on a connection of its own.
func (o Offering) manager(ctx context.Context, ask func(context.Context, *osquery.ExtensionManagerClient) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	client, done, err := connect(ctx, o.Socket)
	if err != nil {
		return err
	}
	defer done()
	return ask(ctx, osquery.NewExtensionManagerClient(client))
}

// theirTables names the tables that osqueryd has.
func (o Offering) theirTables(ctx context.Context) (map[string]bool, error) {
	taken := map[string]bool{}
	err := o.manager(ctx, func(ctx context.Context, client *osquery.ExtensionManagerClient) error {
		answer, err := client.Query(ctx, "SELECT name FROM osquery_registry WHERE registry = 'table'")
		if err != nil {
			return err
		}
		if err := statusError(answer.GetStatus()); err != nil {
			return err
		}
		for _, row := range answer.GetResponse() {
			taken[row["name"]] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask osquery for its tables: %w", err)
	}
	return taken, nil
}

func (o Offering) register(ctx context.Context, p plugins) (uuid osquery.ExtensionRouteUUID, err error) {
	err = o.manager(ctx, func(ctx context.Context, client *osquery.ExtensionManagerClient) error {
		status, err := client.RegisterExtension(ctx,
			&osquery.InternalExtensionInfo{Name: offerName, Version: o.Version}, osquery.ExtensionRegistry{"table": p.routes()})
		if err != nil {
			return err
		}
		uuid = status.GetUUID()
		return statusError(status)
	})
	if err != nil {
		return 0, fmt.Errorf("register with osquery: %w", err)
	}
	return uuid, nil
}

func (o Offering) deregister(ctx context.Context, uuid osquery.ExtensionRouteUUID) error {
	err := o.manager(ctx, func(ctx context.Context, client *osquery.ExtensionManagerClient) error {
		status, err := client.DeregisterExtension(ctx, uuid)
		if err != nil {
			return err
		}
		return statusError(status)
	})
	if err != nil {
		return fmt.Errorf("deregister with osquery: %w", err)
	}
	return nil
}

// watch ends with an error when osqueryd is gone, or wants the extension to end.
func (o Offering) watch(ctx context.Context, end <-chan struct{}) error {
	ticker := time.NewTicker(o.Ping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-end:
			return errEnded
		case <-ticker.C:
		}
		err := o.manager(ctx, func(ctx context.Context, client *osquery.ExtensionManagerClient) error {
			status, err := client.Ping(ctx)
			if err != nil {
				return err
			}
			return statusError(status)
		})
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("osquery is gone: %w", err)
		}
	}
}

// asked is the extension as osqueryd sees it.
type asked struct {
	plugins plugins
	end     chan struct{}
	ended   atomic.Bool
}

var _ osquery.Extension = (*asked)(nil)

// Ping tells that the extension is there.
func (a *asked) Ping(context.Context) (*osquery.ExtensionStatus, error) { return ok(0), nil }

// Call asks one table.
func (a *asked) Call(ctx context.Context, registry, item string, request osquery.ExtensionPluginRequest) (*osquery.ExtensionResponse, error) {
	return a.plugins.call(ctx, registry, item, request), nil
}

// Shutdown ends the offer.
func (a *asked) Shutdown(context.Context) error {
	if !a.ended.Swap(true) {
		close(a.end)
	}
	return nil
}
