package extension_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	osquerygo "github.com/osquery/osquery-go"
	"github.com/osquery/osquery-go/gen/osquery"
	"github.com/osquery/osquery-go/transport"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// hostile is an extension that answers as it likes.
type hostile struct {
	answer func(ctx context.Context) *osquery.ExtensionResponse
}

func (hostile) Ping(context.Context) (*osquery.ExtensionStatus, error) {
	return &osquery.ExtensionStatus{}, nil
}
func (hostile) Shutdown(context.Context) error { return nil }
func (h hostile) Call(ctx context.Context, _, _ string, _ osquery.ExtensionPluginRequest) (*osquery.ExtensionResponse, error) {
	return h.answer(ctx), nil
}

func columns(names ...string) osquery.ExtensionPluginResponse {
	var route osquery.ExtensionPluginResponse
	for _, name := range names {
		route = append(route, map[string]string{"id": "column", "name": name, "type": "BIGINT", "op": "0"})
	}
	return route
}

// registerAs registers tables by osquery-go's client, and gives the path of the extension's own socket.
func (r *rig) registerAs(t *testing.T, name string, routes osquery.ExtensionRouteTable) string {
	t.Helper()
	client, err := osquerygo.NewClient(r.socket, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	status, err := client.RegisterExtension(&osquery.InternalExtensionInfo{Name: name}, osquery.ExtensionRegistry{"table": routes})
	if err != nil || status.Code != 0 {
		t.Fatalf("%v, %v", status, err)
	}
	return fmt.Sprintf("%s.%d", r.socket, status.UUID)
}

// serveHostile serves an extension of one table, x, by Thrift's own server.
func (r *rig) serveHostile(t *testing.T, name string, answer func(ctx context.Context) *osquery.ExtensionResponse) {
	t.Helper()
	path := r.registerAs(t, name, osquery.ExtensionRouteTable{name: columns("x", "y")})
	socket, err := transport.OpenServer(path, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	server := thrift.NewTSimpleServer4(osquery.NewExtensionProcessor(hostile{answer}), socket, thrift.NewTTransportFactory(), thrift.NewTBinaryProtocolFactoryConf(nil))
	done := make(chan error, 1)
	go func() { done <- server.Serve() }()
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
		<-done
	})
	r.registered(t, 1)
}

func rowsOf(rows ...map[string]string) *osquery.ExtensionResponse {
	return &osquery.ExtensionResponse{Status: &osquery.ExtensionStatus{}, Response: rows}
}

func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 1<<20)
	var much []map[string]string
	for range 20 {
		much = append(much, map[string]string{"x": large})
	}
	for name, c := range map[string]struct {
		answer *osquery.ExtensionResponse
		fails  string
		rows   []string
	}{
		"an_error":      {answer: &osquery.ExtensionResponse{Status: &osquery.ExtensionStatus{Code: 7, Message: "out of paper"}}, fails: "code 7: out of paper"},
		"wrong_columns": {answer: rowsOf(map[string]string{"z": "1"}), rows: []string{"~|~"}},
		"wrong_types":   {answer: rowsOf(map[string]string{"x": "nan", "y": "99999999999999999999"}), rows: []string{"~|~"}},
		"no_rows":       {answer: rowsOf(), rows: []string{}},
		"too_much":      {answer: rowsOf(much...), fails: "larger than 16 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.serveHostile(t, name, func(context.Context) *osquery.ExtensionResponse { return c.answer })
			if c.fails != "" {
				r.fails(t, "SELECT x, y FROM "+name, c.fails)
			} else {
				r.expect(t, "SELECT x, y FROM "+name, c.rows...)
			}
			r.expect(t, "SELECT count(*) FROM own_things", "3")
		})
	}
}

func TestASlowExtensionEndsWithItsStatement(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	release := make(chan struct{})
	r.serveHostile(t, "slow", func(context.Context) *osquery.ExtensionResponse { <-release; return rowsOf() })
	defer close(release)
	_, _, err := engine.Collect(t.Context(), r.engine, engine.Statement{SQL: "SELECT * FROM slow", Limits: engine.Limits{Time: 100 * time.Millisecond}})
	if err == nil || !strings.Contains(err.Error(), "100ms time limit") {
		t.Errorf("error is %v", err)
	}
	r.expect(t, "SELECT count(*) FROM own_things", "3")
}

// TestLyingSizes answers with sizes that no bytes follow: what is made room for stays small.
func TestLyingSizes(t *testing.T) {
	t.Parallel()
	for name, body := range map[string][]byte{
		"list":   {15, 0, 2, 13, 0x7f, 0xff, 0xff, 0xff},                           // field 2, a list of 2^31-1 maps
		"map":    {15, 0, 2, 13, 0, 0, 0, 1, 11, 11, 0x7f, 0xff, 0xff, 0xff},       // a list of one map of 2^31-1 members
		"string": {15, 0, 2, 13, 0, 0, 0, 1, 11, 11, 0, 0, 0, 1, 0x7f, 0xff, 0, 0}, // a name of 2 GiB
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			path := r.registerAs(t, name, osquery.ExtensionRouteTable{name: columns("x")})
			listener, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go lie(listener, body)
			r.registered(t, 1)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r.fails(t, "SELECT * FROM "+name, "the extension "+name)
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
				t.Errorf("%d MiB were allocated", grown>>20)
			}
		})
	}
}

// lie answers pings well, and each call with the beginning of an answer.
func lie(listener net.Listener, body []byte) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			buffer := make([]byte, 4096)
			n, err := conn.Read(buffer)
			if err != nil || n < 12 {
				return
			}
			size := binary.BigEndian.Uint32(buffer[4:])
			method, id := buffer[8:8+size], buffer[8+size:12+size]
			reply := append([]byte{0x80, 1, 0, 2, 0, 0, 0, byte(size)}, method...)
			reply = append(append(reply, id...), 12, 0, 0) // field 0, a structure
			if string(method) == "ping" {
				reply = append(reply, 8, 0, 1, 0, 0, 0, 0, 0, 0) // code 0, and both structures end
			} else {
				reply = append(append(reply, 12, 0, 1, 0), body...) // an empty status, then the answer
			}
			_, _ = conn.Write(reply)
			_, _ = conn.Read(buffer) // until the other end closes
		}()
	}
}

func TestHostileRegistrations(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	many := make([]string, 600)
	for i := range many {
		many[i] = fmt.Sprintf("c%d", i)
	}
	path := r.registerAs(t, "hostile", osquery.ExtensionRouteTable{
		"good":                   columns("x", "a b-c.d:e"),
		"no columns":             nil,
		"empty":                  nil,
		"a\"b":                   columns("x"),
		strings.Repeat("n", 200): columns("x"),
		"twice":                  columns("x", "X"),
		"identity":               columns("_identity"),
		"quoted":                 columns("x\"); DROP"),
		"wide":                   columns(many...),
		"options":                {{"id": "column", "name": "x", "type": "ODD", "op": "many"}},
		"attributes":             {{"id": "attributes", "attributes": "1"}, {"id": "column", "name": "x", "type": "ODD", "op": "255"}},
	})
	socket, err := transport.OpenServer(path, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	server := thrift.NewTSimpleServer4(osquery.NewExtensionProcessor(hostile{func(context.Context) *osquery.ExtensionResponse { return rowsOf() }}), socket,
		thrift.NewTTransportFactory(), thrift.NewTBinaryProtocolFactoryConf(nil))
	go func() { _ = server.Serve() }()
	t.Cleanup(func() { _ = server.Stop() })
	r.registered(t, 1)
	if got, want := strings.Join(r.names(), " "), "attributes good"; got != want {
		t.Errorf("the tables are %q, want %q", got, want)
	}
	attributes := r.Tables()[0].Columns()[0]
	if !attributes.Required || !attributes.Hidden || !attributes.Index || attributes.Type != tables.Text {
		t.Errorf("%+v", attributes)
	}
	r.expect(t, `SELECT x, "a b-c.d:e" FROM good`)
	client, err := osquerygo.NewClient(r.socket, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, name := range []string{"", strings.Repeat("n", 300), "line\nbreak"} {
		if status, err := client.RegisterExtension(&osquery.InternalExtensionInfo{Name: name}, nil); err != nil || status.Code == 0 {
			t.Errorf("%.20q: %v, %v", name, status, err)
		}
	}
}

// TestRubbishOnTheSocket sends what is no Thrift; the socket serves on.
func TestRubbishOnTheSocket(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, rubbish := range []string{"GET / HTTP/1.1\r\n\r\n", "\x80\x01\x00\x01\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x80\x01\x00\x01\x00\x00\x00\x04nope\x00\x00\x00\x01\x00", ""} {
		conn, err := net.Dial("unix", r.socket)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(rubbish)); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 4096)
		for err == nil { // until the manager closes it
			_, err = conn.Read(buffer)
		}
		if os.IsTimeout(err) {
			t.Errorf("%q: the connection stays open", rubbish)
		}
		conn.Close()
	}
	client, err := osquerygo.NewClient(r.socket, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if status, err := client.Ping(); err != nil || status.Code != 0 {
		t.Errorf("%v, %v", status, err)
	}
}
