// Package tabletest runs a table on fixture folders and compares its rows with the wanted ones.
//
// testdata/<table>/<case>/ holds one case. A case named <goos>-… is an image of that system: it runs in each build that has
// the table's generator for it. A case of another name is of the system that the test runs on.
//
//	root/          the files of the scanned machine
//	commands/      recorded output, one file a command: argv joined by blanks, each / written as _
//	query.json     {"equal": {"path": ["/etc/passwd"]}, "like": {"path": ["/etc/%"]}, "wants": ["path"]}; optional
//	now            the clock, RFC 3339; 2026-01-02T03:04:05Z where absent
//	want.json      the rows: [{"column": value}], all visible columns, in order
//	want.err       instead of want.json: a part of the error's text
//
// go test -update writes want.json from what the table gives; read it before committing it.
package tabletest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
)

var update = flag.Bool("update", false, "write want.json of the fixture cases from what the tables give")

// Row is one row as a case's want.json shows it: int64, float64, string or nil by column name.
type Row map[string]any

// Run tests a table on each of its fixture cases.
func Run(t *testing.T, table *tables.Table) {
	t.Helper()
	dir := filepath.Join("testdata", table.Name)
	cases, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("table %s has no fixtures: %v", table.Name, err)
	}
	ran := 0
	for _, c := range cases {
		if !table.AvailableOn(systemOf(c.Name())) {
			continue
		}
		ran++
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			runCase(t, table, filepath.Join(dir, c.Name()))
		})
	}
	if ran == 0 && table.Available() {
		t.Errorf("table %s has no fixture case for %s", table.Name, runtime.GOOS)
	}
}

// systemOf gives the system of a case by its name.
func systemOf(name string) tables.Platforms {
	goos, _, _ := strings.Cut(filepath.Base(name), "-")
	switch goos {
	case "linux":
		return tables.Linux
	case "darwin":
		return tables.Darwin
	case "windows":
		return tables.Windows
	default:
		return tables.BuildPlatform()
	}
}

func runCase(t *testing.T, table *tables.Table, dir string) { RunOn(t, table, NewHost(t, dir), dir) }

// RunOn tests a table on a host that the test made, as where a daemon has to answer: dir holds query.json and want.json, or
// want.err.
func RunOn(t *testing.T, table *tables.Table, h tables.Host, dir string) {
	t.Helper()
	rows, err := Rows(t.Context(), table, h, readQuery(t, table, filepath.Join(dir, "query.json")))
	wantErr, readErr := os.ReadFile(filepath.Join(dir, "want.err"))
	if readErr == nil {
		if text := strings.TrimSpace(string(wantErr)); err == nil || !strings.Contains(err.Error(), text) {
			t.Fatalf("error is %v, want one with %q", err, text)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	wantFile := filepath.Join(dir, "want.json")
	if *update {
		writeRows(t, table, wantFile, rows)
		return
	}
	text, err := os.ReadFile(wantFile)
	if err != nil {
		t.Fatalf("%v (run with -update, then read what it wrote)", err)
	}
	var want []Row
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&want); err != nil {
		t.Fatalf("%s: %v", wantFile, err)
	}
	if diff := cmp.Diff(asJSON(want), asJSON(rows)); diff != "" {
		t.Errorf("rows differ (- wanted, + got):\n%s", diff)
	}
}

// asJSON brings numbers to one form: an integer column's 3 and a decoded json.Number "3" compare equal.
func asJSON(rows []Row) []map[string]string {
	out := make([]map[string]string, len(rows))
	for i, row := range rows {
		out[i] = map[string]string{}
		for name, value := range row {
			text, err := json.Marshal(value)
			if err != nil {
				panic(err)
			}
			out[i][name] = string(text)
		}
	}
	return out
}

func writeRows(t *testing.T, table *tables.Table, file string, rows []Row) {
	var b bytes.Buffer
	b.WriteString("[")
	for i, row := range rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  {")
		first := true
		for _, column := range table.Columns() {
			value, ok := row[column.Name]
			if !ok {
				continue
			}
			if !first {
				b.WriteString(", ")
			}
			first = false
			encoder := json.NewEncoder(&b)
			encoder.SetEscapeHTML(false)
			fmt.Fprintf(&b, "%q: ", column.Name)
			if err := encoder.Encode(value); err != nil {
				t.Fatal(err)
			}
			b.Truncate(b.Len() - 1)
		}
		b.WriteString("}")
	}
	b.WriteString("\n]\n")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil { // #nosec G306 -- a fixture in the tree
		t.Fatal(err)
	}
}

func readQuery(t *testing.T, table *tables.Table, file string) *tables.Query {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return Query(table, nil, nil)
	}
	var q struct {
		Equal, Like map[string][]string
		Wants       []string
	}
	if err == nil {
		err = json.Unmarshal(text, &q)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return Query(table, q.Equal, q.Like, q.Wants...)
}

// Query makes a query from constraints by column name. Without wants all columns are wanted.
func Query(table *tables.Table, equal, like map[string][]string, wants ...string) *tables.Query {
	var constraints []tables.Constraint
	for op, byColumn := range map[tables.Op]map[string][]string{tables.OpEqual: equal, tables.OpLike: like} {
		for name, values := range byColumn {
			if op == tables.OpEqual {
				constraints = append(constraints, tables.Constraint{Column: mustColumn(table, name), Op: op, Values: values})
				continue
			}
			for _, v := range values {
				constraints = append(constraints, tables.Constraint{Column: mustColumn(table, name), Op: op, Values: []string{v}})
			}
		}
	}
	var wanted []bool
	if wants != nil {
		wanted = make([]bool, len(table.Columns()))
		for _, name := range wants {
			wanted[mustColumn(table, name)] = true
		}
	}
	return tables.NewQuery(table, constraints, wanted, -1, nil)
}

func mustColumn(table *tables.Table, name string) int {
	i := table.Column(name)
	if i < 0 {
		panic(fmt.Sprintf("table %s has no column %s", table.Name, name))
	}
	return i
}

// Rows runs the generator and gives its rows with all columns that the host's platform shows.
func Rows(ctx context.Context, table *tables.Table, h tables.Host, q *tables.Query) ([]Row, error) {
	var rows []Row
	err := table.Generate(ctx, h, q, func(row any) error {
		rows = append(rows, rowOf(table, h.Platform(), row))
		return nil
	})
	return rows, err
}

func rowOf(table *tables.Table, platform tables.Platforms, row any) Row {
	out := Row{}
	fields := map[string]reflect.Value{}
	collect(reflect.ValueOf(row).Elem(), fields)
	for _, column := range table.Columns() {
		if column.OS != 0 && column.OS&platform == 0 {
			continue
		}
		out[column.Name] = plain(fields[column.Name])
	}
	return out
}

func collect(v reflect.Value, fields map[string]reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if name, ok := field.Tag.Lookup("col"); ok {
			name, _, _ = strings.Cut(name, ",")
			fields[name] = v.Field(i)
		} else if field.Anonymous {
			collect(v.Field(i), fields)
		}
	}
}

func plain(v reflect.Value) any {
	if v.Kind() == reflect.Struct { // Null[T] or Value
		if valid := v.FieldByName("Valid"); valid.IsValid() {
			if !valid.Bool() {
				return nil
			}
			return plain(v.FieldByName("V"))
		}
		switch tables.ValueKind(v.FieldByName("Kind").Uint()) {
		case tables.ValueInt:
			return v.FieldByName("Int").Int()
		case tables.ValueFloat:
			return v.FieldByName("Float").Float()
		case tables.ValueText, tables.ValueBlob:
			return validText(v.FieldByName("Text").String())
		default:
			return nil
		}
	}
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return 1
		}
		return 0
	case v.Kind() == reflect.Slice:
		return validText(string(v.Bytes()))
	default:
		return validText(v.String())
	}
}

// validText shows bytes that are no UTF-8 as want.json, which is UTF-8, can hold them.
func validText(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// fixtureHost is a host below a case's root with its recorded commands and clock.
type fixtureHost struct {
	*host.Host
	dir string
	now time.Time
}

// NewHost makes the host of a case folder, of the system that its name tells.
func NewHost(t testing.TB, dir string) tables.Host { return NewHostOn(t, dir, systemOf(dir)) }

// NewHostOn makes the host of a folder with root/, commands/ and now, of the given system.
func NewHostOn(t testing.TB, dir string, platform tables.Platforms) tables.Host {
	root := filepath.Join(dir, "root")
	if err := os.MkdirAll(root, 0o750); err != nil { // git keeps no empty folders
		t.Fatal(err)
	}
	h, err := host.NewImage(root, platform, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if text, err := os.ReadFile(filepath.Join(dir, "now")); err == nil {
		if now, err = time.Parse(time.RFC3339, strings.TrimSpace(string(text))); err != nil {
			t.Fatal(err)
		}
	}
	return &fixtureHost{Host: h, dir: dir, now: now}
}

func (h *fixtureHost) Now() time.Time { return h.now }

func (h *fixtureHost) Run(_ context.Context, argv ...string) ([]byte, error) {
	name := strings.ReplaceAll(strings.Join(argv, " "), "/", "_")
	out, err := os.ReadFile(filepath.Join(h.dir, "commands", name))
	if err != nil {
		return nil, fmt.Errorf("run %s: no recorded output: %w", argv[0], errors.ErrUnsupported)
	}
	return out, nil
}
