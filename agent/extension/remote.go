package extension

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/osquery/osquery-go/gen/osquery"

	"github.com/tenantra/tenantra/tables"
)

const (
	callTime = 30 * time.Second // of a table's answer, where its statement allows as much
	pingTime = 5 * time.Second
)

// remote is an extension that has registered.
type remote struct {
	uuid    osquery.ExtensionRouteUUID
	info    osquery.InternalExtensionInfo
	path    string // of its own socket
	tables  []*tables.Table
	suspect chan struct{} // a call could not be made: look whether it still is there
	gone    chan struct{} // closed when it is removed
}

// connect makes a connection for a few calls, which ends with the context.
func connect(ctx context.Context, path string) (client *thrift.TStandardClient, done func(), err error) {
	conn, err := dial(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	t := newTransport(conn)
	stop := context.AfterFunc(ctx, func() { t.Close() })
	p := newProtocol(t)
	return thrift.NewTStandardClient(p, p), func() { stop(); t.Close() }, nil
}

// ping asks whether the extension is there.
func (r *remote) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	client, done, err := connect(ctx, r.path)
	if err != nil {
		return err
	}
	defer done()
	status, err := osquery.NewExtensionClient(client).Ping(ctx)
	if err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return statusError(status)
}

// shutdown asks the extension to end; it has no say in it.
func (r *remote) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	client, done, err := connect(ctx, r.path)
	if err != nil {
		return err
	}
	defer done()
	return osquery.NewExtensionClient(client).Shutdown(ctx)
}

// generate asks a table of the extension, on a connection of its own: an extension that came back has another, and some
// extensions serve one connection at a time.
func (r *remote) generate(ctx context.Context, table string, asked queryContext) (osquery.ExtensionPluginResponse, error) {
	text, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	statement := ctx
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	client, done, err := connect(ctx, r.path)
	if err != nil {
		r.doubt()
		return nil, fmt.Errorf("the extension %s is not there: %w", r.info.Name, err)
	}
	defer done()
	answer, err := osquery.NewExtensionClient(client).Call(ctx, "table", table, osquery.ExtensionPluginRequest{"action": "generate", "context": string(text)})
	switch {
	case statement.Err() != nil:
		return nil, context.Cause(statement)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("the extension %s did not answer in %s", r.info.Name, callTime)
	case err != nil:
		r.doubt()
		return nil, fmt.Errorf("the extension %s: %w", r.info.Name, err)
	case answer == nil || answer.Status == nil:
		return nil, fmt.Errorf("the extension %s gave no answer", r.info.Name)
	}
	if err := statusError(answer.Status); err != nil {
		return nil, fmt.Errorf("the extension %s: %w", r.info.Name, err)
	}
	return answer.Response, nil
}

func (r *remote) doubt() {
	select {
	case r.suspect <- struct{}{}:
	default:
	}
}

// messageTextMax bounds what is shown of an extension's own words.
const messageTextMax = 1000

func statusError(s *osquery.ExtensionStatus) error {
	if s == nil {
		return errors.New("no status")
	}
	if s.Code != int32(osquery.ExtensionCode_EXT_SUCCESS) {
		return fmt.Errorf("code %d: %.*s", s.Code, messageTextMax, s.Message)
	}
	return nil
}

// table makes a table of ours from one that the extension registered.
func (r *remote) table(name string, route osquery.ExtensionPluginResponse, class tables.Class) (*tables.Table, error) {
	columns, err := columnsOf(name, route, class)
	if err != nil {
		return nil, err
	}
	spec := tables.Spec{
		Name: name, Doc: fmt.Sprintf("Table of the extension %s.", r.info.Name),
		Category: tables.Orchestration, Platforms: tables.BuildPlatform(), Cost: tables.Moderate,
	}
	return tables.DefineValues(spec, columns, func(ctx context.Context, host tables.Host, q *tables.Query, emit func([]tables.Value) error) error {
		if !host.Live() {
			return fmt.Errorf("the extension knows the running system only: %w", errors.ErrUnsupported)
		}
		row := make([]tables.Value, len(columns))
		for _, asked := range questions(q, columns) {
			answer, err := r.generate(ctx, name, asked.context)
			if err != nil {
				return err
			}
			for _, cells := range answer {
				for i := range columns {
					row[i] = tables.Value{} // a column that the answer lacks is unknown; one that the table lacks is left out
					if text, has := cells[columns[i].Name]; has {
						row[i] = valueOf(text, columns[i].Type)
					}
				}
				if !asked.has(columns, row) {
					continue
				}
				if err := emit(row); err != nil {
					return err
				}
			}
		}
		return nil
	}), nil
}
