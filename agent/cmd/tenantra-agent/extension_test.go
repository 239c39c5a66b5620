package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestTheExtensionOfTheGuide builds the extension of docs/howto/osquery-extensions.md and runs the statement that it shows.
func TestTheExtensionOfTheGuide(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the account root is one of Unix")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	guide, err := os.ReadFile("../../../docs/howto/osquery-extensions.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(?:go)?\n(.*?)```").FindAllStringSubmatch(string(guide), 3)
	source, command, want := blocks[0][1], blocks[1][1], blocks[2][1]
	sql := strings.Split(command, `"`)[1]
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	main, extension := filepath.Join(dir, "main.go"), filepath.Join(dir, "teams.ext")
	if err := os.WriteFile(main, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(goTool, "build", "-ldflags=-w", "-o", extension, main).CombinedOutput(); err != nil { // #nosec G204 -- the guide's own program
		t.Fatalf("build: %v\n%s", err, out)
	}
	out, errs, code := program(t, "", "query", "--csv", "--extension", extension, sql)
	if code != 0 || out != want {
		t.Errorf("it prints %q, says %q, ends with %d; want %q", out, errs, code, want)
	}
	out, errs, code = program(t, "", "query", "--csv", "--extension", extension,
		"SELECT e.name, r.name AS tab FROM osquery_extensions e JOIN osquery_registry r ON r.owner_uuid = e.uuid WHERE e.uuid != 0")
	if code != 0 || out != "\"name\",\"tab\"\n\"teams\",\"teams\"\n" {
		t.Errorf("it prints %q, says %q, ends with %d", out, errs, code)
	}
}
