//go:build unix

// Command queries prints what the agent's queries cost as whole processes, CPU seconds and peak memory, beside osquery's figures.
//
// Usage: go run ./scripts/bench/queries [-agent bin/tenantra-agent] [-rounds 5] [-only TEXT]
//
// The least of the rounds is shown. Beside it stands what an empty Go program costs here: part of each figure that no code of
// ours can lower, and the measure of how fast this machine is.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	sleepers  = 1000
	listeners = 200
	largeFile = 1 << 30
)

// query is one line of the table. osquery's figures are those of 5.23 in the issue that sets the aims, on another machine.
type query struct {
	name         string
	osquery, aim string
	sql          string
}

func queries(large string) []query {
	return []query{
		{"start-up, select 1", "0.034 s, 32 MiB", "0.02 s, 25 MiB", "SELECT 1"},
		{"processes, 1,000 extra, all columns", "0.227 s, 71 MiB", "0.08 s, 35 MiB", "SELECT * FROM processes"},
		{"processes join process_envs, the same", "0.235 s", "0.1 s", "SELECT p.pid, e.key FROM processes p JOIN process_envs e ON e.pid = p.pid"},
		{"process_open_files", "0.076 s", "0.05 s", "SELECT * FROM process_open_files"},
		{"listening_ports join processes, 200 listeners", "0.146 s", "0.06 s", "SELECT l.port, p.name FROM listening_ports l JOIN processes p ON p.pid = l.pid"},
		{"deb_packages", "0.053 s", "0.03 s", "SELECT * FROM deb_packages"},
		{"count of file below /usr/share/%%", "0.86 s, 172 MiB", "0.35 s, 40 MiB", "SELECT count(*) FROM file WHERE path LIKE '/usr/share/%%'"},
		{"all columns of the same", "1.71 s, 305 MiB", "0.7 s, 45 MiB", "SELECT * FROM file WHERE path LIKE '/usr/share/%%'"},
		{"sha256 of a file of 1 GiB", "2.61 s", "0.9 s", "SELECT sha256 FROM hash WHERE path = '" + strings.ReplaceAll(large, "'", "''") + "'"},
		{"sha256 of all files in /usr/bin", "3.00 s", "1.0 s", "SELECT path, sha256 FROM hash WHERE directory = '/usr/bin'"},
		{"suid_bin", "0.66 s", "0.3 s", "SELECT * FROM suid_bin"},
		{"python_packages", "0.349 s", "0.15 s", "SELECT * FROM python_packages"},
		{"system_controls", "0.281 s", "0.12 s", "SELECT * FROM system_controls"},
	}
}

func main() {
	agent := flag.String("agent", "bin/tenantra-agent", "program to measure")
	rounds := flag.Int("rounds", 5, "how often each query is run; the least counts")
	only := flag.String("only", "", "measure queries whose name has this text")
	flag.Parse()
	if err := run(context.Background(), *agent, *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, agent string, rounds int, only string) (err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(large, largeFile); err != nil { // its zeros cost as much to digest as other bytes
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running []*exec.Cmd
	defer func() {
		cancel()
		for _, cmd := range running {
			_ = cmd.Wait() // ended by the context
		}
	}()
	for range sleepers {
		cmd := exec.CommandContext(ctx, "sleep", "3600")
		if err := cmd.Start(); err != nil {
			return err
		}
		running = append(running, cmd)
	}
	for range listeners {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
	}
	empty, err := buildEmpty(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Printf("| %-46s | %-16s | %-15s | %-17s |\n|%s|%s|%s|%s|\n", "query", "osquery 5.23", "aim", "here",
		strings.Repeat("-", 48), strings.Repeat("-", 18), strings.Repeat("-", 17), strings.Repeat("-", 19))
	if err := line(ctx, query{name: "an empty Go program"}, rounds, empty); err != nil {
		return err
	}
	for _, q := range queries(large) {
		if !strings.Contains(q.name, only) {
			continue
		}
		if err := line(ctx, q, rounds, agent, "query", "--json", q.sql); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	return nil
}

// line measures a command and prints its line.
func line(ctx context.Context, q query, rounds int, command ...string) error {
	var cpu time.Duration
	var peak int64
	for i := range rounds {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...) // #nosec G204 -- named by who runs the benchmark
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return err
		}
		used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			return fmt.Errorf("the system tells no usage")
		}
		if i == 0 || used < cpu {
			cpu = used
		}
		if i == 0 || usage.Maxrss < peak {
			peak = usage.Maxrss
		}
	}
	unit := int64(1 << 10) // bytes of what the system counts in
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	fmt.Printf("| %-46s | %-16s | %-15s | %6.3f s, %3d MiB |\n", q.name, q.osquery, q.aim, cpu.Seconds(), peak*unit>>20)
	return nil
}

// buildEmpty makes a Go program that does nothing.
func buildEmpty(ctx context.Context, dir string) (string, error) {
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "empty")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, source).CombinedOutput(); err != nil { // #nosec G204 -- constant
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return program, nil
}
