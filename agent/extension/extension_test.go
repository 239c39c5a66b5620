package extension_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	osquerygo "github.com/osquery/osquery-go"
	"github.com/osquery/osquery-go/gen/osquery"
	"github.com/osquery/osquery-go/plugin/config"
	"github.com/osquery/osquery-go/plugin/logger"
	"github.com/osquery/osquery-go/plugin/table"

	"github.com/tenantra/tenantra/agent/extension"
	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// TestMain makes a process of this test binary an extension, when it is started as osquery starts one.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "--socket" {
		os.Exit(extensionProgram(os.Args[2]))
	}
	os.Exit(m.Run())
}

// extensionProgram is an extension of one table that tells its process.
func extensionProgram(socket string) int {
	server, err := osquerygo.NewExtensionManagerServer("program", socket, osquerygo.ServerTimeout(5*time.Second))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	server.RegisterPlugin(table.NewPlugin("program_pid", []table.ColumnDefinition{table.IntegerColumn("pid")},
		func(context.Context, table.QueryContext) ([]map[string]string, error) {
			return []map[string]string{{"pid": fmt.Sprint(os.Getpid())}}, nil
		}))
	if err := server.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 0
}

// own is a table of the agent's.
type own struct {
	Name  string `col:"name" doc:"Name." opt:"index"`
	Count int64  `col:"count" doc:"Count."`
}

func ownTable() *tables.Table {
	return tables.Define[own](tables.Spec{Name: "own_things", Aliases: []string{"own_alias"}, Doc: "Things.", Category: tables.System, Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*own) error) error {
			for i, name := range []string{"a", "b", "it's"} {
				if err := emit(&own{name, int64(i + 1)}); err != nil {
					return err
				}
			}
			return nil
		})
}

// shortDir gives a directory whose path leaves room for the names of sockets.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ext")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// rig is a manager at work.
type rig struct {
	*extension.Manager
	socket string
	engine *engine.Engine
	log    *records
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{socket: filepath.Join(shortDir(t), "x", "osquery.sock"), log: &records{}}
	own := []*tables.Table{ownTable()}
	r.Manager = extension.New(extension.Options{
		Path: r.socket, Version: "1.2.3", Tables: own, Class: tables.ClassContent, Ping: 20 * time.Millisecond,
		Flags: []tables.Flag{{Name: "state", Type: "string", Value: "/x"}},
		Log:   slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	h, err := host.New("", nil, r.Self(host.NoSelf{}))
	if err != nil {
		t.Fatal(err)
	}
	if r.engine, err = engine.New(engine.Options{Tables: own, Host: h, Pool: 2}); err != nil {
		t.Fatal(err)
	}
	listener, err := r.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, listener, r.engine) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the manager ended with %v", err)
		}
		if err := r.engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// ask runs a statement and gives its rows, cells joined by |, NULL as ~.
func (r *rig) ask(t *testing.T, sql string) []string {
	t.Helper()
	result, _, err := engine.Collect(t.Context(), r.engine, engine.Statement{SQL: sql})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	out := []string{}
	for _, row := range result.Rows {
		var cells []string
		for _, v := range row {
			text := v.Text
			switch v.Kind {
			case tables.ValueNull:
				text = "~"
			case tables.ValueInt:
				text = fmt.Sprint(v.Int)
			case tables.ValueFloat:
				text = fmt.Sprint(v.Float)
			}
			cells = append(cells, text)
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

func (r *rig) expect(t *testing.T, sql string, want ...string) {
	t.Helper()
	if got := r.ask(t, sql); !slices.Equal(got, want) {
		t.Errorf("%s\n gives %q\n want  %q", sql, got, want)
	}
}

func (r *rig) fails(t *testing.T, sql, text string) {
	t.Helper()
	if _, _, err := engine.Collect(t.Context(), r.engine, engine.Statement{SQL: sql}); err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("%s\n error is %v, want one with %q", sql, err, text)
	}
}

// until polls for a condition.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(20 * time.Second)
	for !met() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("waited too long for %s", what)
		}
	}
}

func (r *rig) registered(t *testing.T, extensions int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.Wait(ctx, extensions); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) has(table string) bool {
	return slices.ContainsFunc(r.Tables(), func(t *tables.Table) bool { return t.Name == table })
}

// start runs an extension built with osquery-go, until stop is called or the test ends.
func (r *rig) start(t *testing.T, name string, plugins ...osquerygo.OsqueryPlugin) (stop func()) {
	t.Helper()
	server, err := osquerygo.NewExtensionManagerServer(name, r.socket, osquerygo.ServerTimeout(5*time.Second), osquerygo.ExtensionVersion("4.5.6"))
	if err != nil {
		t.Fatal(err)
	}
	server.RegisterPlugin(plugins...)
	done := make(chan error, 1)
	go func() { done <- server.Start() }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := server.Shutdown(context.Background()); err != nil {
			t.Errorf("extension %s: %v", name, err)
		}
		if err := <-done; err != nil {
			t.Errorf("extension %s: %v", name, err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// asked records what an extension was asked, and answers with fixed rows.
type asked struct {
	contexts []table.QueryContext
	rows     []map[string]string
	err      error
}

func (a *asked) generate(_ context.Context, q table.QueryContext) ([]map[string]string, error) {
	a.contexts = append(a.contexts, q)
	return a.rows, a.err
}

func TestTablesOfAnExtensionJoinOurs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	answers := &asked{rows: []map[string]string{
		{"name": "a", "size": "5", "load": "0.5", "more": "x"},
		{"name": "b", "size": "no number", "load": ""},
		{"name": "c"},
	}}
	r.start(t, "joined", table.NewPlugin("their_things", []table.ColumnDefinition{
		table.TextColumn("name"), table.BigIntColumn("size"), table.DoubleColumn("load"),
	}, answers.generate),
		config.NewPlugin("their_config", func(context.Context) (map[string]string, error) { return nil, errors.New("never asked") }),
		logger.NewPlugin("their_logger", func(context.Context, logger.LogType, string) error { return errors.New("never asked") }))
	r.registered(t, 1)
	r.expect(t, "SELECT o.name, o.count, t.size, t.load FROM own_things o LEFT JOIN their_things t ON t.name = o.name ORDER BY 1",
		"a|1|5|0.5", "b|2|~|~", "it's|3|~|~")
	r.expect(t, "SELECT * FROM their_things WHERE name IN ('a', 'c', 'a') ORDER BY name", "a|5|0.5", "c|~|~")
	r.expect(t, "SELECT count(*) FROM their_things", "3")
	r.fails(t, "SELECT more FROM their_things", "no such column: more")
	for _, registry := range []string{"registry=config", "registry=logger"} {
		if !r.log.has("plugins of an extension are ignored", registry) {
			t.Errorf("no line in the log with %s", registry)
		}
	}
	extensions, err := r.Self(host.NoSelf{}).Extensions(t.Context())
	if err != nil || len(extensions) != 1 || extensions[0].Name != "joined" || extensions[0].Version != "4.5.6" || !slices.Equal(extensions[0].Tables, []string{"their_things"}) {
		t.Errorf("%+v, %v", extensions, err)
	}
	if class := r.Tables()[0].Columns()[0].Class; class != tables.ClassContent {
		t.Errorf("a column of an extension is %s", class)
	}
}

func TestConstraintsReachAnExtension(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	answers := &asked{rows: []map[string]string{{"path": "/a", "size": "5"}, {"path": "/b", "size": "9"}}}
	r.start(t, "constrained", table.NewPlugin("their_files", []table.ColumnDefinition{table.TextColumn("path", table.RequiredColumn()), table.BigIntColumn("size")}, answers.generate))
	r.registered(t, 1)
	r.expect(t, "SELECT path FROM their_files WHERE path IN ('/a', '/b') AND size >= 5 AND size < 9", "/a")
	if len(answers.contexts) != 2 {
		t.Fatalf("it was asked %d times for two paths", len(answers.contexts))
	}
	for i, path := range []string{"/a", "/b"} {
		want := []table.Constraint{{Operator: table.OperatorEquals, Expression: path}}
		if got := answers.contexts[i].Constraints["path"]; got.Affinity != table.ColumnTypeText || !slices.Equal(got.Constraints, want) {
			t.Errorf("path: %+v, want %+v", got, want)
		}
		want = []table.Constraint{{Operator: table.OperatorGreaterThanOrEquals, Expression: "5"}, {Operator: table.OperatorLessThan, Expression: "9"}}
		if got := answers.contexts[i].Constraints["size"]; got.Affinity != table.ColumnTypeBigInt || !slices.Equal(got.Constraints, want) {
			t.Errorf("size: %+v, want %+v", got, want)
		}
	}
	answers.contexts = nil
	r.expect(t, "SELECT size FROM their_files WHERE path LIKE '/b%'", "9")
	if got := answers.contexts[0].Constraints["path"].Constraints; !slices.Equal(got, []table.Constraint{{Operator: table.OperatorLike, Expression: "/b%"}}) {
		t.Errorf("path: %+v", got)
	}
	r.fails(t, "SELECT * FROM their_files", "required column")
	answers.err = errors.New("the disk is on fire")
	r.fails(t, "SELECT * FROM their_files WHERE path = '/a'", "the disk is on fire")
}

func TestNamesThatAreTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rows := &asked{rows: []map[string]string{{"x": "1"}}}
	plugin := func(name string) osquerygo.OsqueryPlugin {
		return table.NewPlugin(name, []table.ColumnDefinition{table.TextColumn("x")}, rows.generate)
	}
	r.start(t, "first", plugin("Own_Things"), plugin("own_alias"), plugin("theirs"))
	r.registered(t, 1)
	r.start(t, "second", plugin("THEIRS"), plugin("others"))
	r.registered(t, 2)
	r.expect(t, "SELECT count(*) FROM own_things", "3")
	if names := r.names(); !slices.Equal(names, []string{"others", "theirs"}) {
		t.Errorf("the tables are %q", names)
	}
	third, err := osquerygo.NewExtensionManagerServer("second", r.socket)
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Start(); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("a second extension of a name: %v", err)
	}
}

func (r *rig) names() []string {
	var names []string
	for _, t := range r.Tables() {
		names = append(names, t.Name)
	}
	return names
}

func TestAnExtensionLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rows := &asked{rows: []map[string]string{{"x": "1"}}}
	plugin := table.NewPlugin("theirs", []table.ColumnDefinition{table.TextColumn("x")}, rows.generate)
	for range 3 {
		stop := r.start(t, "comes back", plugin)
		r.registered(t, 1)
		r.expect(t, "SELECT x FROM theirs", "1")
		stop()
		until(t, "the extension to be gone", func() bool { return !r.has("theirs") })
		r.fails(t, "SELECT x FROM theirs", "no such table: theirs")
		r.expect(t, "SELECT count(*) FROM own_things", "3")
	}
}

// TestAnExtensionMayAskTheAgent is the other direction of the manager's socket.
func TestAnExtensionMayAskTheAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	client, err := osquerygo.NewClient(r.socket, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	rows, err := client.QueryRows("SELECT name, count, NULL AS empty FROM own_things WHERE name = 'it''s'")
	if err != nil || len(rows) != 1 || rows[0]["name"] != "it's" || rows[0]["count"] != "3" || len(rows[0]) != 2 {
		t.Errorf("%v, %v", rows, err)
	}
	if _, err := client.QueryRows("ATTACH 'x' AS y"); err == nil || !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("ATTACH: %v", err)
	}
	columns, err := client.GetQueryColumns("SELECT name, 1 AS one FROM own_things")
	if err != nil || len(columns.Response) != 2 || columns.Response[1]["one"] == "" {
		t.Errorf("%v, %v", columns, err)
	}
	options, err := client.Options()
	if err != nil || options["state"].GetValue() != "/x" {
		t.Errorf("%v, %v", options, err)
	}
	answer, err := client.Call("table", "own_things", map[string]string{"action": "generate", "context": `{"constraints":[{"name":"name","affinity":"TEXT","list":[{"op":2,"expr":"b"}]}]}`})
	if err != nil || len(answer.Response) != 1 || answer.Response[0]["count"] != "2" {
		t.Errorf("%v, %v", answer, err)
	}
	for what, request := range map[string]map[string]string{
		"there is no action":     {"action": "delete"},
		"read the context":       {"action": "generate", "context": "{"},
		"has no column":          {"action": "generate", "context": `{"constraints":[{"name":"nope","list":[]}]}`},
		"comparison \"x\" is no": {"action": "generate", "context": `{"constraints":[{"name":"name","list":[{"op":"x","expr":""}]}]}`},
	} {
		if answer, err := client.Call("table", "own_things", request); err != nil || answer.Status.Code == 0 || !strings.Contains(answer.Status.Message, what) {
			t.Errorf("%s: %v, %v", what, answer, err)
		}
	}
	if status, err := client.DeregisterExtension(osquery.ExtensionRouteUUID(9)); err != nil || status.Code == 0 {
		t.Errorf("%v, %v", status, err)
	}
}

// TestAProgramIsKept has the agent start an extension, and start it again when it is killed.
func TestAProgramIsKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := extension.CheckProgram(program); err != nil {
		t.Skip(err) // the directory of test binaries is open to others here
	}
	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- r.Keep(ctx, program) }()
	r.registered(t, 1)
	first := r.ask(t, "SELECT pid FROM program_pid")
	var pid int
	if _, err := fmt.Sscan(first[0], &pid); err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "another process of it", func() bool {
		if !r.has("program_pid") {
			return false
		}
		result, _, err := engine.Collect(t.Context(), r.engine, engine.Statement{SQL: "SELECT pid FROM program_pid"})
		return err == nil && len(result.Rows) == 1 && result.Rows[0][0].Int != int64(pid)
	})
	cancel()
	if err := <-kept; err != nil {
		t.Error(err)
	}
}

// records is a log that tests look into.
type records struct{ lines syncLines }

func (r *records) Write(p []byte) (int, error) {
	r.lines.add(string(p))
	return len(p), nil
}

// has tells whether one line has all texts.
func (r *records) has(texts ...string) bool {
	return slices.ContainsFunc(r.lines.all(), func(line string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) })
	})
}

// syncLines is a list for several goroutines.
type syncLines struct {
	mu   sync.Mutex
	list []string
}

func (s *syncLines) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, line)
}

func (s *syncLines) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list)
}
