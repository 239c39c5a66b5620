package extension_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/osquery/osquery-go/gen/osquery"
	"github.com/osquery/osquery-go/plugin/table"
	"github.com/osquery/osquery-go/transport"

	"github.com/tenantra/tenantra/agent/extension"
	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// osqueryd is the extension manager of an osqueryd as far as an extension sees it, served by osquery-go's own transport.
type osqueryd struct {
	osquery.ExtensionManager // calls that no extension makes

	mu       sync.Mutex
	registry osquery.ExtensionRegistry // nil before and after the registration
	info     osquery.InternalExtensionInfo
	refuse   string
}

const offeredUUID = 4711

func (o *osqueryd) Ping(context.Context) (*osquery.ExtensionStatus, error) {
	return &osquery.ExtensionStatus{}, nil
}

func (o *osqueryd) Query(_ context.Context, sql string) (*osquery.ExtensionResponse, error) {
	if !strings.Contains(sql, "osquery_registry") {
		return nil, errors.New("another query")
	}
	return rowsOf(map[string]string{"name": "users"}, map[string]string{"name": "offered_too"}), nil
}

func (o *osqueryd) RegisterExtension(_ context.Context, info *osquery.InternalExtensionInfo, registry osquery.ExtensionRegistry) (*osquery.ExtensionStatus, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuse != "" {
		return &osquery.ExtensionStatus{Code: 1, Message: o.refuse}, nil
	}
	o.info, o.registry = *info, registry
	return &osquery.ExtensionStatus{UUID: offeredUUID}, nil
}

func (o *osqueryd) DeregisterExtension(_ context.Context, uuid osquery.ExtensionRouteUUID) (*osquery.ExtensionStatus, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if uuid != offeredUUID || o.registry == nil {
		return &osquery.ExtensionStatus{Code: 1, Message: "no such extension"}, nil
	}
	o.registry = nil
	return &osquery.ExtensionStatus{}, nil
}

func (o *osqueryd) registered() osquery.ExtensionRegistry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.registry
}

// startOsqueryd gives its socket.
func startOsqueryd(t *testing.T, o *osqueryd) (socket string, stop func()) {
	t.Helper()
	socket = filepath.Join(shortDir(t), "osquery.em")
	server, err := transport.OpenServer(socket, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	simple := thrift.NewTSimpleServer4(osquery.NewExtensionManagerProcessor(o), server, thrift.NewTTransportFactory(), thrift.NewTBinaryProtocolFactoryConf(nil))
	if err := simple.Listen(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- simple.AcceptLoop() }()
	stop = sync.OnceFunc(func() {
		if err := simple.Stop(); err != nil {
			t.Error(err)
		}
		<-done
	})
	t.Cleanup(stop)
	return socket, stop
}

// offered is a table with every kind of cell.
type offered struct {
	Path    string             `col:"path" doc:"Path." opt:"required,index"`
	Size    int64              `col:"size" doc:"Size."`
	Share   float64            `col:"share" doc:"Share."`
	Unknown tables.Null[int64] `col:"unknown" doc:"Unknown." type:"UNSIGNED_BIGINT"`
	Hidden  string             `col:"hidden" doc:"Hidden." opt:"hidden"`
}

func offeredTables() []*tables.Table {
	generate := func(_ context.Context, _ tables.Host, q *tables.Query, emit func(*offered) error) error {
		for _, path := range q.Equal("path") {
			if err := emit(&offered{Path: path, Size: int64(len(path)), Share: 0.5, Hidden: "h"}); err != nil {
				return err
			}
		}
		return nil
	}
	spec := tables.Spec{Doc: "Offered.", Category: tables.Files, Platforms: tables.AllPlatforms}
	first, second, nowhere := spec, spec, spec
	first.Name, second.Name, nowhere.Name = "offered", "offered_too", "offered_nowhere"
	return []*tables.Table{tables.Define(first, generate), tables.Define(second, generate), tables.Define[offered](nowhere, nil)}
}

func startOffer(t *testing.T, socket, prefix string) (stop func() error) {
	t.Helper()
	h, err := host.New("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	list := offeredTables()
	e, err := engine.New(engine.Options{Tables: list, Host: h})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- extension.Offer(ctx, extension.Offering{
			Socket: socket, Version: "1.2.3", Prefix: prefix, Engine: e, Tables: list, Log: slog.New(slog.DiscardHandler), Ping: 20 * time.Millisecond,
		})
	}()
	stop = sync.OnceValue(func() error {
		cancel()
		err := <-done
		if closeErr := e.Close(); err == nil {
			err = closeErr
		}
		return err
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

func TestOurTablesInOsquery(t *testing.T) {
	t.Parallel()
	o := &osqueryd{}
	socket, _ := startOsqueryd(t, o)
	stop := startOffer(t, socket, "")
	until(t, "the registration", func() bool { return o.registered() != nil })
	if o.info.Name != "tenantra" || o.info.Version != "1.2.3" {
		t.Errorf("%+v", o.info)
	}
	routes := o.registered()["table"]
	if len(routes) != 1 {
		t.Fatalf("%d tables are offered: %v", len(routes), routes)
	}
	want := osquery.ExtensionPluginResponse{
		{"id": "column", "name": "path", "type": "TEXT", "op": "3"},
		{"id": "column", "name": "size", "type": "BIGINT", "op": "0"},
		{"id": "column", "name": "share", "type": "DOUBLE", "op": "0"},
		{"id": "column", "name": "unknown", "type": "UNSIGNED BIGINT", "op": "0"},
		{"id": "column", "name": "hidden", "type": "TEXT", "op": "16"},
	}
	if got := routes["offered"]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the columns are %v, want %v", got, want)
	}

	conn, err := transport.Open(fmt.Sprintf("%s.%d", socket, offeredUUID), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := osquery.NewExtensionClientFactory(conn, thrift.NewTBinaryProtocolFactoryConf(nil))
	call := func(item string, request osquery.ExtensionPluginRequest) *osquery.ExtensionResponse {
		t.Helper()
		answer, err := client.Call(t.Context(), "table", item, request)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	generate := func(context string) osquery.ExtensionPluginRequest {
		return osquery.ExtensionPluginRequest{"action": "generate", "context": context}
	}
	answer := call("offered", generate(`{"constraints":[{"name":"path","list":[{"op":2,"expr":"/it's"}],"affinity":"TEXT"},{"name":"size","list":"","affinity":"BIGINT"}],"colsUsed":["path","size","share","unknown"]}`))
	if got, want := fmt.Sprint(answer.Response), "[map[path:/it's share:0.5 size:5]]"; got != want {
		t.Errorf("the rows are %s, want %s", got, want)
	}
	answer = call("offered", generate(`{"constraints":[{"name":"path","list":[{"op":"2","expr":"/a"},{"op":"2","expr":"/bb"}]},{"name":"size","list":[{"op":"4","expr":"2"}]}],"colsUsed":[]}`))
	if len(answer.Response) != 1 || answer.Status.Code != 0 {
		t.Errorf("%v", answer)
	}
	if answer := call("offered", generate(`{"constraints":[]}`)); answer.Status.Code == 0 || !strings.Contains(answer.Status.Message, "required column") {
		t.Errorf("without a path: %v", answer)
	}
	if answer := call("offered_too", generate(`{}`)); answer.Status.Code == 0 {
		t.Errorf("a table that was left out: %v", answer)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if o.registered() != nil {
		t.Error("the extension did not deregister")
	}
}

func TestOurTablesInOsqueryByAPrefix(t *testing.T) {
	t.Parallel()
	o := &osqueryd{}
	socket, _ := startOsqueryd(t, o)
	startOffer(t, socket, "tenantra_")
	until(t, "the registration", func() bool { return o.registered() != nil })
	var names []string
	for name := range o.registered()["table"] {
		names = append(names, name)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"tenantra_offered", "tenantra_offered_too"}) {
		t.Errorf("the tables are %q", names)
	}
}

func TestAnOfferEnds(t *testing.T) {
	t.Parallel()
	ends := func(t *testing.T, stop func() error, text string) {
		t.Helper()
		if err := stop(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error is %v, want one with %q", err, text)
		}
	}
	offer := func(socket string) error {
		list := offeredTables()
		e, err := engine.New(engine.Options{Tables: list})
		if err != nil {
			return err
		}
		defer e.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return extension.Offer(ctx, extension.Offering{Socket: socket, Engine: e, Tables: list, Log: slog.New(slog.DiscardHandler), Ping: 10 * time.Millisecond})
	}
	t.Run("osquery is absent", func(t *testing.T) {
		t.Parallel()
		ends(t, func() error { return offer(filepath.Join(shortDir(t), "absent")) }, "no such file")
	})
	t.Run("osquery refuses", func(t *testing.T) {
		t.Parallel()
		socket, _ := startOsqueryd(t, &osqueryd{refuse: "not you"})
		ends(t, func() error { return offer(socket) }, "not you")
	})
	t.Run("osquery goes away", func(t *testing.T) {
		t.Parallel()
		o := &osqueryd{}
		socket, stop := startOsqueryd(t, o)
		done := make(chan error, 1)
		go func() { done <- offer(socket) }()
		until(t, "the registration", func() bool { return o.registered() != nil })
		stop()
		ends(t, func() error { return <-done }, "osquery is gone")
	})
	t.Run("osquery ends it", func(t *testing.T) {
		t.Parallel()
		o := &osqueryd{}
		socket, _ := startOsqueryd(t, o)
		done := make(chan error, 1)
		go func() { done <- offer(socket) }()
		until(t, "the registration", func() bool { return o.registered() != nil })
		conn, err := transport.Open(fmt.Sprintf("%s.%d", socket, offeredUUID), 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := osquery.NewExtensionClientFactory(conn, thrift.NewTBinaryProtocolFactoryConf(nil)).Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		ends(t, func() error { return <-done }, "asked this extension to end")
	})
}

// TestBothEnds has an agent offer its tables to another agent.
func TestBothEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rows := &asked{rows: []map[string]string{{"path": "/a"}}}
	r.start(t, "third", table.NewPlugin("third", []table.ColumnDefinition{table.TextColumn("path")}, rows.generate))
	startOffer(t, r.socket, "their_")
	r.registered(t, 2)
	r.expect(t, "SELECT t.path, o.size, o.unknown FROM third t JOIN their_offered o ON o.path = t.path", "/a|2|~")
}
