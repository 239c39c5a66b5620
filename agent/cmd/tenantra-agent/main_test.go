package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// programVariable makes a process of this test binary the program itself.
const programVariable = "TENANTRA_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		os.Exit(run(os.Args))
	}
	os.Exit(m.Run())
}

// program runs tenantra-agent and gives what it prints and its exit code.
func program(t *testing.T, stdin string, args ...string) (out, errs string, code int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...) // #nosec G204 -- this test itself
	cmd.Env = append(os.Environ(), programVariable+"=1", "TENANTRA_AGENT_STATE="+filepath.Join(t.TempDir(), "state"))
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT sum(i) FROM n"
	for name, c := range map[string]struct {
		args  []string
		stdin string
		out   string // "" for nothing
		errs  string
		code  int
	}{
		"argument":               {args: []string{"query", "--json", "SELECT 41 + 1 AS n"}, out: "[\n  {\"n\":42}\n]\n"},
		"standard input":         {args: []string{"query", "--json"}, stdin: "SELECT 41 + 1 AS n", out: "[\n  {\"n\":42}\n]\n"},
		"dash":                   {args: []string{"query", "--csv", "-"}, stdin: "SELECT 1 AS n;", out: "\"n\"\n1\n"},
		"table is usual":         {args: []string{"query", "SELECT 1 AS n"}, out: "+---+\n| n |\n+---+\n| 1 |\n+---+\n"},
		"line":                   {args: []string{"query", "--line", "SELECT 1 AS n"}, out: "n = 1\n"},
		"unknown table":          {args: []string{"query", "--json", "SELECT * FROM no_such_table_zqx"}, errs: "no such table", code: 1},
		"unknown function":       {args: []string{"query", "--json", "SELECT no_such_function_zqx(1)"}, errs: "no such function", code: 1},
		"a write":                {args: []string{"query", "DELETE FROM users"}, errs: "Error: ", code: 1},
		"a file":                 {args: []string{"query", "ATTACH 'x' AS y"}, errs: "Error: ", code: 1},
		"timeout":                {args: []string{"query", "--json", "--timeout", "50ms", endless}, errs: "limit", code: 1},
		"two modes":              {args: []string{"query", "--json", "--csv", "SELECT 1"}, errs: "choose one", code: 2},
		"flag after SQL":         {args: []string{"query", "SELECT 1", "--json"}, errs: "flags stand before it", code: 2},
		"unknown flag":           {args: []string{"query", "--jsn", "SELECT 1"}, errs: "-jsn", code: 2},
		"unknown command":        {args: []string{"qery"}, errs: "unknown command", code: 2},
		"root that is absent":    {args: []string{"query", "--root", "/nonexistent", "SELECT 1"}, errs: "root", code: 1},
		"bad log level":          {args: []string{"--log-level", "loud", "query", "SELECT 1"}, errs: "log-level", code: 2},
		"shell by pipe":          {args: []string{"shell", "--csv"}, stdin: "SELECT 1 AS a;\nSELECT 2 AS b;\n", out: "\"a\"\n1\n\"b\"\n2\n"},
		"shell script fails":     {args: []string{"shell", "--csv"}, stdin: "SELECT x;\n", errs: "no such column", code: 1},
		"check two formats":      {args: []string{"check", "--json", "--sarif"}, errs: "choose one", code: 2},
		"check other framework":  {args: []string{"check", "--framework", "nope"}, errs: "there are cis-debian12", code: 2},
		"check other baseline":   {args: []string{"check", "--framework", "hipaa", "--baseline", "LOW"}, errs: "has no baselines", code: 2},
		"check no such check":    {args: []string{"check", "--check", "nope"}, errs: "there is no check", code: 2},
		"check bad severity":     {args: []string{"check", "--fail-on", "worst"}, errs: "--fail-on is low", code: 2},
		"lint":                   {args: []string{"lint", "SELECT 1 AS n"}, out: "ok\nresult: n\n"},
		"lint by standard input": {args: []string{"lint"}, stdin: "SELECT 1 AS n", out: "ok\nresult: n\n"},
		"lint shows where":       {args: []string{"lint", "SELECT 1,\n  nope"}, errs: "line 2, column 3:\n    nope\n    ^", code: 1},
		"lint of two platforms":  {args: []string{"lint", "--platform", "all", "SELECT 1"}, errs: "one of linux", code: 2},
		"tables of nowhere":      {args: []string{"tables", "--platform", "plan9"}, errs: "unknown platform", code: 2},
		"enroll without server":  {args: []string{"enroll"}, errs: "--server is missing", code: 2},
		"enroll with argument":   {args: []string{"enroll", "--server", "https://a:1", "tne_x"}, errs: "standard input", code: 2},
		"enroll without secret":  {args: []string{"enroll", "--server", "https://127.0.0.1:1"}, errs: "copy it whole", code: 1},
		"enroll in clear":        {args: []string{"enroll", "--server", "http://127.0.0.1:1"}, stdin: "tne_x", errs: "Error: ", code: 1},
		"extension, no socket":   {args: []string{"extension"}, errs: "--socket is missing", code: 2},
		"extension, no osquery":  {args: []string{"extension", "--socket", "/nonexistent/osquery.em"}, errs: "Error: ", code: 1},
		"extension and root":     {args: []string{"query", "--root", ".", "--extension", "/bin/true", "SELECT 1"}, errs: "running system", code: 2},
		"extension by its name":  {args: []string{"query", "--extension", "true", "SELECT 1"}, errs: "absolute path", code: 1},
		"run on an image":        {args: []string{"run", "--root", os.TempDir(), "--trust-install-dir"}, errs: "does not run on this kernel", code: 2},
		"enroll an image":        {args: []string{"enroll", "--root", os.TempDir(), "--server", "https://127.0.0.1:1"}, errs: "does not run on this kernel", code: 2},
		"flags tell":             {args: []string{"query", "--json", "--timeout", "9s", "SELECT value FROM osquery_flags WHERE name = 'timeout'"}, out: "[\n  {\"value\":\"9s\"}\n]\n"},
		"run without identity":   {args: []string{"run", "--trust-install-dir", "--policy-file", "/nonexistent"}, errs: "not enrolled", code: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := program(t, c.stdin, c.args...)
			if out != c.out || code != c.code || !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" {
				t.Errorf("it prints %q, says %q, ends with %d", out, errs, code)
			}
		})
	}
}

func TestTablesAndLintSpeakJSON(t *testing.T) {
	t.Parallel()
	out, _, code := program(t, "", "tables", "--json", "--platform", "all")
	var list []tableJSON
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != 0 {
		t.Fatalf("tables: %v, code %d", err, code)
	}
	found := false
	for _, table := range list {
		if table.Doc == "" || len(table.Columns) == 0 || len(table.Platforms) == 0 {
			t.Errorf("table %+v", table)
		}
		found = found || table.Name == "processes"
	}
	if !found {
		t.Error("processes is not listed")
	}
	var lint lintJSON
	out, _, code = program(t, "", "lint", "--json", "SELECT pid FROM processes WHERE name LIKE 'a%'")
	if err := json.Unmarshal([]byte(out), &lint); err != nil || code != 0 || !lint.OK || strings.Join(lint.Columns, " ") != "processes.name processes.pid" {
		t.Errorf("lint gives %q, %v, code %d", out, err, code)
	}
	lint = lintJSON{}
	out, errs, code := program(t, "", "lint", "--json", "SELECT nope FROM processes")
	if err := json.Unmarshal([]byte(out), &lint); err != nil || code != 1 || lint.OK || lint.Error == nil || lint.Error.Offset != 7 || errs != "" {
		t.Errorf("lint gives %q and %q, %v, code %d", out, errs, err, code)
	}
}

func TestScannedRootIsAnotherMachine(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc", "hosts"), []byte("192.0.2.7 there.example there\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := program(t, "", "query", "--json", "--root", root, "SELECT address, hostnames FROM etc_hosts")
	if code != 0 || out != "[\n  {\"address\":\"192.0.2.7\",\"hostnames\":\"there.example there\"}\n]\n" {
		t.Errorf("it prints %q, says %q, ends with %d", out, errs, code)
	}
}

// TestCheckCodes: the exit code is that of the worst failure, and --fail-on says from where on failures count.
func TestCheckCodes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the image is one of Linux")
	}
	root := t.TempDir()
	for name, text := range map[string]string{"etc/ssh/sshd_config": "PermitRootLogin yes\nLoginGraceTime 600\n", "etc/passwd": "root:x:0:0::/root:/bin/sh\n"} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"--check", "uid-zero"}, 0},
		{[]string{"--check", "uid-zero", "--check", "ssh-grace-time"}, 3},
		{[]string{"--check", "ssh-root-login", "--check", "ssh-grace-time"}, 5},
		{[]string{"--check", "ssh-root-login", "--fail-on", "critical"}, 0},
		{[]string{"--check", "sysctl-kexec"}, 0}, // not applicable
	} {
		out, errs, code := program(t, "", append([]string{"check", "--json", "--root", root}, c.args...)...)
		if code != c.code || !json.Valid([]byte(out)) || errs != "" {
			t.Errorf("%v: code %d, want %d\n%s%s", c.args, code, c.code, out, errs)
		}
	}
}
