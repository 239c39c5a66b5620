package extension

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	"github.com/osquery/osquery-go/gen/osquery"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// still is a connection that holds fixed bytes.
type still struct {
	net.Conn
	*bytes.Reader
}

func (s still) Read(p []byte) (int, error)  { return s.Reader.Read(p) }
func (s still) Write(p []byte) (int, error) { return len(p), nil }
func (s still) Close() error                { return nil }
func (still) SetDeadline(time.Time) error   { return nil }

// FuzzWire reads bytes as the answer of an extension and as a registration with the manager.
func FuzzWire(f *testing.F) {
	f.Add([]byte{0x80, 1, 0, 2, 0, 0, 0, 4, 'p', 'i', 'n', 'g', 0, 0, 0, 1, 12, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0x80, 1, 0, 1, 0, 0, 0, 17, 'r', 'e', 'g', 'i', 's', 't', 'e', 'r', 'E', 'x', 't', 'e', 'n', 's', 'i', 'o', 'n', 0, 0, 0, 1, 12, 0, 1, 0, 13, 0, 2, 11, 13, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx := context.Background()
		p := newProtocol(newTransport(still{Reader: bytes.NewReader(data)}))
		result := osquery.ExtensionCallResult{}
		if _, _, _, err := p.ReadMessageBegin(ctx); err == nil {
			_ = result.Read(ctx, p)
		}
		p = newProtocol(newTransport(still{Reader: bytes.NewReader(data)}))
		arguments := osquery.ExtensionManagerRegisterExtensionArgs{}
		if _, _, _, err := p.ReadMessageBegin(ctx); err != nil || arguments.Read(ctx, p) != nil {
			return
		}
		for name, route := range arguments.Registry["table"] {
			columns, err := columnsOf(name, route, tables.ClassContent)
			if err == nil && len(columns) == 0 {
				t.Errorf("table %q has no columns", name)
			}
		}
	})
}

// FuzzContext makes a statement of what osquery asks, which must compile: what stands in it is text and never SQL.
func FuzzContext(f *testing.F) {
	f.Add(`{"constraints":[{"name":"name","list":[{"op":2,"expr":"it's"}],"affinity":"TEXT"}],"colsUsed":["name"]}`)
	f.Add(`{"constraints":[{"name":"size","list":[{"op":"4","expr":"1"},{"op":65,"expr":"%"}]},{"name":"name","list":""}]}`)
	type row struct {
		Name string `col:"name" doc:"Name."`
		Size int64  `col:"size" doc:"Size."`
	}
	t := tables.Define[row](tables.Spec{Name: "fuzzed", Doc: "Fuzzed.", Category: tables.System, Platforms: tables.AllPlatforms},
		func(context.Context, tables.Host, *tables.Query, func(*row) error) error { return nil })
	e, err := engine.New(engine.Options{Tables: []*tables.Table{t}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	f.Fuzz(func(tt *testing.T, text string) {
		var asked queryContext
		if json.Unmarshal([]byte(text), &asked) != nil {
			return
		}
		sql, err := sqlOf(t, asked)
		if err != nil {
			return
		}
		analysis, err := e.Check(sql)
		if err != nil {
			if len(sql) < 10_000 && !bytes.ContainsRune([]byte(sql), 0) && len(asked.Constraints) < 40 {
				tt.Errorf("%s: %v", sql, err)
			}
			return
		}
		if len(analysis.Reads) != 1 || analysis.Reads[0].Table != t {
			tt.Errorf("%s reads %v", sql, analysis.Reads)
		}
	})
}
