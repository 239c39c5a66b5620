//go:build linux || darwin

package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestHash(t *testing.T)      { tabletest.Run(t, Hash) }
func TestFileLines(t *testing.T) { tabletest.Run(t, FileLines) }

// tree makes a scanned machine with all kinds of objects below /top.
func tree(t *testing.T) tables.Host {
	t.Helper()
	root := t.TempDir()
	write := func(name string, mode os.FileMode) {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("abc"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(full, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("top/a.conf", 0o644)
	write("top/.hidden/deep", 0o600)
	write("top/dir/inner/leaf", 0o777|os.ModeSticky)
	write("top/dir/under_score", 0o640)
	write("top/dir/underXscore", 0o640)
	for link, target := range map[string]string{
		"top/loop": "/top", "top/to-file": "a.conf", "top/to-nowhere": "/absent", "top/to-dir": "dir", "top/zescape": "../../../../../../etc/passwd",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "top/pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func pathsOf(t *testing.T, table *tables.Table, h tables.Host, q *tables.Query) []string {
	t.Helper()
	rows, err := tabletest.Rows(t.Context(), table, h, q)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, row := range rows {
		paths = append(paths, row["path"].(string))
	}
	return paths
}

func TestFileSelection(t *testing.T) {
	t.Parallel()
	if !File.Available() {
		t.Skip("no generator on this platform")
	}
	h := tree(t)
	for name, test := range map[string]struct {
		equal, like map[string][]string
		want        []string
	}{
		"exact":                   {equal: map[string][]string{"path": {"/top/a.conf"}}, want: []string{"/top/a.conf"}},
		"exact is no pattern":     {equal: map[string][]string{"path": {"/top/%", "/top/*"}}},
		"IN list":                 {equal: map[string][]string{"path": {"/top/dir/", "/absent", "/", "top", ""}}, want: []string{"/top/dir/", "/"}},
		"directory":               {equal: map[string][]string{"directory": {"/top/dir"}}, want: []string{"/top/dir/inner", "/top/dir/under_score", "/top/dir/underXscore"}},
		"directory through links": {equal: map[string][]string{"directory": {"/top/loop/to-dir/inner/"}}, want: []string{"/top/loop/to-dir/inner/leaf"}},
		"one level": {like: map[string][]string{"path": {"/top/%"}}, want: []string{
			"/top/.hidden/", "/top/a.conf", "/top/dir/", "/top/loop/", "/top/pipe", "/top/to-dir/", "/top/to-file", "/top/to-nowhere", "/top/zescape",
		}},
		"all levels": {like: map[string][]string{"path": {"/top/%%"}}, want: []string{
			"/top/.hidden/", "/top/.hidden/deep", "/top/a.conf", "/top/dir/", "/top/dir/inner/", "/top/dir/inner/leaf", "/top/dir/underXscore",
			"/top/dir/under_score", "/top/loop/", "/top/pipe", "/top/to-dir/", "/top/to-file", "/top/to-nowhere", "/top/zescape",
		}},
		"prefix, all levels":     {like: map[string][]string{"path": {"/top/d%%"}}, want: []string{"/top/dir/", "/top/dir/inner/", "/top/dir/inner/leaf", "/top/dir/underXscore", "/top/dir/under_score"}},
		"suffix":                 {like: map[string][]string{"path": {"/top/%.CONF"}}, want: []string{"/top/a.conf"}},
		"suffix names directory": {like: map[string][]string{"path": {"/t%/%ir"}}, want: []string{"/top/dir", "/top/to-dir"}},
		"wild level in between":  {like: map[string][]string{"path": {"/top/%/inner/leaf"}}, want: []string{"/top/dir/inner/leaf", "/top/to-dir/inner/leaf"}},
		"underscore":             {like: map[string][]string{"path": {"/top/dir/under_score"}}, want: []string{"/top/dir/underXscore", "/top/dir/under_score"}},
		"relative":               {like: map[string][]string{"path": {"%op"}}, want: []string{"/top"}},
		"nothing":                {like: map[string][]string{"path": {"/absent/%%"}}},
		"below a file":           {like: map[string][]string{"path": {"/top/a.conf/%"}}},
		"empty pattern":          {like: map[string][]string{"path": {""}}},
		"directory LIKE":         {like: map[string][]string{"directory": {"/top/%/inner"}}, want: []string{"/top/dir/inner/leaf", "/top/to-dir/inner/leaf"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, wants := range [][]string{nil, {"path"}} { // with facts, and from directory entries alone
				got := pathsOf(t, File, h, tabletest.Query(File, test.equal, test.like, wants...))
				want := slices.Clone(test.want)
				slices.Sort(got) // within a directory the order is by name, a child follows its parent
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("wanting %v:\n%s", wants, diff)
				}
			}
		})
	}
}

func TestFileFacts(t *testing.T) {
	t.Parallel()
	if !File.Available() {
		t.Skip("no generator on this platform")
	}
	h := tree(t)
	rows, err := tabletest.Rows(t.Context(), File, h, tabletest.Query(File, nil, map[string][]string{"path": {"/top/%%"}}))
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]tabletest.Row{}
	for _, row := range rows {
		byPath[row["path"].(string)] = row
	}
	for path, want := range map[string]tabletest.Row{
		"/top/a.conf":         {"directory": "/top", "filename": "a.conf", "type": "regular", "mode": "0644", "size": int64(3), "symlink": int64(0), "device": int64(0)},
		"/top/to-file":        {"directory": "/top", "filename": "to-file", "type": "regular", "mode": "0644", "size": int64(3), "symlink": int64(1), "symlink_target_path": "a.conf"},
		"/top/dir/":           {"directory": "/top/dir", "filename": ".", "type": "directory", "symlink": int64(0)},
		"/top/to-dir/":        {"directory": "/top/to-dir", "filename": ".", "type": "directory", "symlink": int64(1), "symlink_target_path": "dir"},
		"/top/to-nowhere":     {"type": "unknown", "symlink": int64(1), "symlink_target_path": "/absent"},
		"/top/zescape":        {"type": "unknown", "symlink": int64(1)}, // stays inside the root, where there is no /etc/passwd
		"/top/pipe":           {"type": "fifo"},
		"/top/dir/inner/leaf": {"mode": "1777", "hard_links": int64(1)},
	} {
		for column, value := range want {
			if diff := cmp.Diff(value, byPath[path][column]); diff != "" {
				t.Errorf("%s of %s:\n%s", column, path, diff)
			}
		}
	}
	if a, b := byPath["/top/a.conf"], byPath["/top/to-file"]; a["inode"] != b["inode"] || a["inode"] == int64(0) {
		t.Errorf("a link has inode %v, its target %v", b["inode"], a["inode"])
	}
	if byPath["/top/a.conf"]["mtime"].(int64) < 1700000000 {
		t.Errorf("mtime is %v", byPath["/top/a.conf"]["mtime"])
	}
}

// A statement that has enough, or is cancelled, ends a walk at once and with its own error.
func TestWalkStops(t *testing.T) {
	t.Parallel()
	h := tree(t)
	for _, table := range []*tables.Table{File, FileLines, Hash} {
		if !table.Available() {
			continue
		}
		rows := 0
		q := tabletest.Query(table, nil, map[string][]string{"path": {"/top/%%"}})
		err := table.Generate(t.Context(), h, q, func(any) error { rows++; return tables.ErrStop })
		if !errors.Is(err, tables.ErrStop) || rows != 1 {
			t.Errorf("%s: %d rows, error %v after a stop", table.Name, rows, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err = table.Generate(ctx, h, q, func(any) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v after cancellation", table.Name, err)
		}
	}
}

func TestHashRemembersAPathForTheStatement(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	if err := os.WriteFile(name, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	cache := &tables.Cache{}
	constraints := []tables.Constraint{{Column: Hash.Column("path"), Op: tables.OpEqual, Values: []string{name}}}
	sum := func(cache *tables.Cache) string {
		rows, err := tabletest.Rows(t.Context(), Hash, h, tables.NewQuery(Hash, constraints, nil, -1, cache))
		if err != nil || len(rows) != 1 {
			t.Fatalf("%v, %v", rows, err)
		}
		return rows[0]["sha256"].(string)
	}
	first := sum(cache)
	if err := os.WriteFile(name, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := sum(cache); again != first {
		t.Errorf("the file was read twice in one statement: %s, %s", first, again)
	}
	if fresh := sum(nil); fresh == first {
		t.Error("the next statement still sees the old digest")
	}
}

func TestFileLinesCutsLongLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "long")
	if err := os.WriteFile(name, []byte(strings.Repeat("x", 3*lineMax)+"\nnext\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), FileLines, h, tabletest.Query(FileLines, map[string][]string{"path": {name}}, nil))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if len(rows[0]["line"].(string)) != lineMax || rows[1]["line"] != "next" || rows[1]["line_number"] != int64(2) {
		t.Errorf("lines of %d bytes and %q, number %v", len(rows[0]["line"].(string)), rows[1]["line"], rows[1]["line_number"])
	}
}

func TestSUIDBin(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	h, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{
		"usr/bin/plain": 0o755, "usr/bin/s": 0o755 | os.ModeSetuid, "tmp/deep/g": 0o755 | os.ModeSetgid, "usr/sbin/sg": 0o755 | os.ModeSetuid | os.ModeSetgid,
		"opt/elsewhere": 0o755 | os.ModeSetuid,
	} {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(full, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("usr/bin", filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), SUIDBin, h, tabletest.Query(SUIDBin, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, row["path"].(string)+" "+row["permissions"].(string))
	}
	if diff := cmp.Diff([]string{"/bin/s S", "/usr/bin/s S", "/usr/sbin/sg SG", "/tmp/deep/g G"}, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkFileCount(b *testing.B) {
	h, err := host.New("/", nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	for name, wants := range map[string][]string{"paths": {"path"}, "all": nil} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rows := 0
				q := tabletest.Query(File, nil, map[string][]string{"path": {"/usr/share/%%"}}, wants...)
				if err := File.Generate(b.Context(), h, q, func(any) error { rows++; return nil }); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(rows), "rows")
			}
		})
	}
}
