//go:build linux

package daemon_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
)

// footprintQueries are what a usual pack asks, all but two of them each hour, as the whole schedule of an idle agent.
var footprintQueries = []string{
	"SELECT name, version, arch FROM deb_packages", "SELECT pid, name, path, uid FROM processes", "SELECT * FROM listening_ports",
	"SELECT * FROM users", "SELECT * FROM groups", "SELECT * FROM mounts", "SELECT * FROM kernel_modules", "SELECT * FROM system_controls",
	"SELECT * FROM crontab", "SELECT * FROM interface_addresses", "SELECT * FROM routes", "SELECT * FROM os_version", "SELECT * FROM etc_hosts",
	"SELECT * FROM systemd_units", "SELECT * FROM uptime", "SELECT * FROM sshd_config", "SELECT path, mode, size FROM file WHERE path LIKE '/etc/%'",
}

// TestFootprint measures a real agent, watchdog and worker, under a usual schedule. It takes minutes and needs a built
// program, so it runs where one is named:
//
//	TENANTRA_AGENT_BINARY=$PWD/bin/tenantra-agent TENANTRA_MEASURE=5m go test -run Footprint -v ./agent/daemon
func TestFootprint(t *testing.T) {
	binary := os.Getenv("TENANTRA_AGENT_BINARY")
	if binary == "" {
		t.Skip("TENANTRA_AGENT_BINARY names no program")
	}
	idle, err := time.ParseDuration(os.Getenv("TENANTRA_MEASURE"))
	if err != nil {
		t.Fatalf("TENANTRA_MEASURE: %v", err)
	}
	r := newRig(t)
	cmd := exec.Command(binary, "run", "--state", r.dir.Path(), "--policy-file", filepath.Join(t.TempDir(), "none"), "--trust-install-dir") // #nosec G204 -- named by who runs the test
	cmd.Stderr = t.Output()
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	end := func() {
		if ended {
			return
		}
		ended = true
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the agent ended with %v", err)
		}
	}
	defer end()
	r.connected(t, 1)
	t.Logf("connected after %s", time.Since(began).Round(time.Millisecond))
	var queries []protocol.ConfigQuery
	for i, sql := range footprintQueries {
		queries = append(queries, protocol.ConfigQuery{Collection: fmt.Sprintf("pack:usual/%d", i), SQL: sql, IntervalSeconds: 3600, Mode: protocol.ModeDifferential})
	}
	queries[1].IntervalSeconds, queries[2].IntervalSeconds = 60, 60
	r.configure(t, 1, queries...)
	r.Wait(t, "all collections", func() bool {
		collections := map[string]bool{}
		for _, b := range r.Batches() {
			collections[b.Header.Collection] = true
			if b.Header.Execution.StatusCode != 0 {
				t.Fatalf("%s: %s", b.Header.Collection, b.Header.Execution.Log)
			}
		}
		return len(collections) == len(queries)
	})
	t.Logf("all %d collections after %s", len(queries), time.Since(began).Round(time.Millisecond))
	worker := childOf(t, cmd.Process.Pid)
	for _, wait := range []time.Duration{0, idle} {
		before := processTime(t, cmd.Process.Pid) + processTime(t, worker)
		<-time.After(wait)
		used := processTime(t, cmd.Process.Pid) + processTime(t, worker) - before
		t.Logf("after %s: worker %s, watchdog %s", wait, memory(t, worker), memory(t, cmd.Process.Pid))
		if wait > 0 {
			t.Logf("CPU while idle: %.3f %% of a core", 100*float64(used)/float64(wait))
		}
	}
	beats := r.Heartbeats()
	text, err := json.Marshal(beats[len(beats)-1])
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the last heartbeat: %s", text)
	end()
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", worker)); err == nil {
		t.Error("the worker outlived its watchdog")
	}
}

func childOf(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil || len(strings.Fields(string(text))) == 0 {
		all, globErr := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		if globErr != nil {
			t.Fatal(globErr)
		}
		for _, path := range all {
			if text, err = os.ReadFile(path); err == nil && len(text) > 0 {
				break
			}
		}
	}
	child, err := strconv.Atoi(strings.Fields(string(text) + " 0")[0])
	if err != nil || child == 0 {
		t.Fatalf("the watchdog has no worker: %v", err)
	}
	return child
}

// memory gives the resident memory and its part that no file backs.
func memory(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, _ := strings.Cut(line, ":"); name == "VmRSS" || name == "RssAnon" || name == "VmHWM" {
			out = append(out, name+" "+strings.TrimSpace(value))
		}
	}
	return strings.Join(out, ", ")
}

// processTime reads proc_pid_stat(5): user and system time in ticks of 10 ms.
func processTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
