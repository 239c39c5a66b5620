package frameworks_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// updating tells whether -update was given; tabletest declares it.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// compilers gives an engine for each platform's catalogue.
func compilers(t testing.TB) queries.Compilers {
	t.Helper()
	c := queries.Compilers{}
	for _, p := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
		e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: p})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		c[p] = e
	}
	return c
}

func library(t testing.TB) *frameworks.Library {
	t.Helper()
	l, err := frameworks.Load(frameworks.Embedded(), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestChecksOnFixtures runs every check on the machines in testdata/<check>/<case>, through the real engine and tables:
//
//	root/   the files of the machine
//	modes   lines "0644 path", the modes that git does not keep; a path that is not there becomes a directory
//	rows.json  rows of tables that no file can tell, in place of their sources: {"table": [{"column": value}]}
//	want    the verdict, its message and the failing rows, with * at the failing cells
//
// Every check has at least the cases pass and fail.
func TestChecksOnFixtures(t *testing.T) {
	t.Parallel()
	if tables.BuildPlatform() != tables.Linux {
		t.Skip("the machines are made with the modes and links of Linux")
	}
	byPlatform := compilers(t)
	l, err := frameworks.Load(frameworks.Embedded(), byPlatform)
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range l.Checks() {
		if check.Template != "" { // TestFamiliesOnFixtures has those
			continue
		}
		t.Run(check.ID, func(t *testing.T) {
			t.Parallel()
			verdicts := map[string]frameworks.Verdict{}
			cases, err := os.ReadDir(filepath.Join("testdata", check.ID))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				t.Run(c.Name(), func(t *testing.T) {
					verdicts[c.Name()] = runCase(t, byPlatform, check, filepath.Join("testdata", check.ID, c.Name()))
				})
			}
			if verdicts["pass"] != frameworks.Pass || verdicts["fail"] != frameworks.Fail {
				t.Errorf("cases pass and fail gave %q and %q", verdicts["pass"], verdicts["fail"])
			}
		})
	}
}

func runCase(t *testing.T, byPlatform queries.Compilers, check *frameworks.Check, dir string) frameworks.Verdict {
	machine := dir
	if modes, err := os.ReadFile(filepath.Join(dir, "modes")); err == nil {
		machine = withModes(t, dir, string(modes))
	}
	given := map[string][][]tables.Value{}
	if text, err := os.ReadFile(filepath.Join(dir, "rows.json")); err == nil {
		var rows map[string][]map[string]any
		if _, err := document.Decode("rows.json", text, &rows); err != nil {
			t.Fatal(err)
		}
		given = variables{}.rows(t, familyCase{Rows: rows})
	}
	platform := check.Platforms & -check.Platforms // the first
	answer := askOn(t, check, byPlatform[platform], tabletest.NewHostOn(t, machine, platform), given)
	got := check.Judge(answer)
	text := describe(check, answer, got)
	file := filepath.Join(dir, "want")
	if updating() {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil { // #nosec G306 -- a fixture in the tree
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update, then read what it wrote)", err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("(- want, + got)\n%s", diff)
	}
	return got.Verdict
}

func describe(check *frameworks.Check, a frameworks.Answer, j frameworks.Judgement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", j.Verdict)
	if j.Message != "" {
		fmt.Fprintf(&b, "%s\n", j.Message)
	}
	for _, blame := range j.Failing {
		b.WriteString("-")
		for _, column := range check.Columns {
			star := ""
			if slices.Contains(blame.Columns, column) {
				star = "*"
			}
			fmt.Fprintf(&b, " %s=%v%s", column, a.Rows[blame.Row][column], star)
		}
		b.WriteString("\n")
	}
	if slices.Contains(check.Columns, "mode") { // the fixture's files belong to whoever runs the test
		me := strconv.Itoa(os.Getuid())
		return strings.NewReplacer("uid="+me, "uid=OWNER", "owner "+me, "owner OWNER").Replace(b.String())
	}
	return b.String()
}

// withModes copies a case and sets modes in the copy.
func withModes(t *testing.T, dir, modes string) string {
	machine := t.TempDir()
	root := filepath.Join(machine, "root")
	if err := os.CopyFS(machine, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := os.FileMode(0o644) // whatever the checkout's umask was
		if entry.IsDir() {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(modes) {
		mode, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		setMode(t, filepath.Join(root, path), mode)
	}
	return machine
}

// setMode gives a file the mode of octal digits; what is not there becomes a directory.
func setMode(t *testing.T, path, mode string) {
	t.Helper()
	bits, err := strconv.ParseUint(mode, 8, 32)
	if err != nil {
		t.Fatalf("mode %q: %v", mode, err)
	}
	if err := os.MkdirAll(path, 0o755); err != nil && !isFile(path) {
		t.Fatal(err)
	}
	permissions := os.FileMode(bits & 0o777)
	for bit, mode := range map[uint64]os.FileMode{0o1000: os.ModeSticky, 0o2000: os.ModeSetgid, 0o4000: os.ModeSetuid} {
		if bits&bit != 0 {
			permissions |= mode
		}
	}
	if err := os.Chmod(path, permissions); err != nil {
		t.Fatal(err)
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
