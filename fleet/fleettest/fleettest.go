// Package fleettest runs a whole fleet for tests: a real server on a private PostgreSQL and real agents, each a process of
// its own, so that a test may kill them. The test binary itself is their program: Main runs it as one where it is asked to.
package fleettest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/daemon"
	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/link"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/server"
)

// The environment that makes a process of the test binary a server or an agent.
const (
	roleVariable   = "TENANTRA_FLEETTEST_ROLE"
	dirVariable    = "TENANTRA_FLEETTEST_DIR"
	listenVariable = "TENANTRA_FLEETTEST_LISTEN"
	dbVariable     = "TENANTRA_FLEETTEST_DATABASE"
	waitVariable   = "TENANTRA_FLEETTEST_WAIT"
	natsVariable   = "TENANTRA_FLEETTEST_NATS"
	busVariable    = "TENANTRA_FLEETTEST_BUS" // credentials as JSON
)

// Patience is how long tests wait for something that should happen soon, on a machine that is busy.
const Patience = 90 * time.Second

// Main is for TestMain. It runs the tests, or a process that a test started.
func Main(m *testing.M) {
	var run func(context.Context) error
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "server":
		run = runServer
	case "agent":
		run = runAgent
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func childLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func runServer(ctx context.Context) error {
	config := server.Config{DataDir: os.Getenv(dirVariable), Listen: os.Getenv(listenVariable), DatabaseURL: os.Getenv(dbVariable),
		NATSURL: os.Getenv(natsVariable), Version: "test", Log: childLog()}
	if wait := os.Getenv(waitVariable); wait != "" {
		var err error
		if config.DatabaseWait, err = time.ParseDuration(wait); err != nil {
			return err
		}
	}
	if text := os.Getenv(busVariable); text != "" {
		if err := json.Unmarshal([]byte(text), &config.NATS); err != nil {
			return err
		}
	}
	s, err := server.Start(ctx, config)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println("ready", s.FirstPassword) // read by Fleet.start
	return s.Run(ctx)
}

func runAgent(ctx context.Context) error {
	return daemon.Run(ctx, daemon.Options{StateDir: os.Getenv(dirVariable), Version: "test", Log: childLog(), Pace: link.Pace{
		BackOffMin: 20 * time.Millisecond, BackOffMax: 300 * time.Millisecond, Revoked: 100 * time.Millisecond, Poll: 50 * time.Millisecond, PollFor: time.Hour,
	}})
}

// process is a child that may be killed and started again.
type process struct {
	t    testing.TB
	env  []string
	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// start runs the child; each line of its standard output goes to line.
func (p *process) start(line func(string)) {
	p.t.Helper()
	program, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^$") // #nosec G204 -- the test binary itself
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stderr = testWriter{p.t}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if line != nil {
				line(lines.Text())
			}
		}
		_ = cmd.Wait() // a killed child's status says nothing
	}()
	p.mu.Lock()
	p.cmd, p.done = cmd, done
	p.mu.Unlock()
}

// signal sends a signal and waits until the child is gone.
func (p *process) signal(s os.Signal) {
	p.mu.Lock()
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	if err := cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
	<-done
}

// testWriter passes a child's complaints on while the test runs.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(text []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(strings.TrimRight(string(text), "\n"))
	}
	return len(text), nil
}

// Fleet is a running server.
type Fleet struct {
	URL   string
	Admin *client.Client // signed in as the first administrator

	t       testing.TB
	dir     string
	process *process
	first   chan string // the one-time password of the first start
}

// Start runs a server with an empty private database and signs the first administrator in. It ends with the test.
func Start(t testing.TB) *Fleet {
	t.Helper()
	f := newFleet(t, filepath.Join(tempDir(t), "fleet"))
	f.Restart()
	f.signIn(<-f.first)
	return f
}

// tempDir is like t.TempDir, but the database's account may pass through, and its sockets' paths are short.
func tempDir(t testing.TB) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the server runs on Unix systems")
	}
	dir, err := os.MkdirTemp("", "fleettest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // #nosec G302 -- a directory
		t.Fatal(err)
	}
	return dir
}

// newFleet is a server that does not run yet. More of its environment may be given.
func newFleet(t testing.TB, dir string, env ...string) *Fleet {
	t.Helper()
	listen := freeAddress(t)
	_, port, _ := net.SplitHostPort(listen)
	f := &Fleet{t: t, dir: dir, URL: "https://localhost:" + port, first: make(chan string, 1)}
	f.process = &process{t: t, env: append([]string{roleVariable + "=server", dirVariable + "=" + f.dir, listenVariable + "=" + listen}, env...)}
	t.Cleanup(func() { f.process.signal(syscall.SIGTERM) })
	return f
}

func freeAddress(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Restart starts the server again after a kill, and waits until it is ready.
func (f *Fleet) Restart() {
	f.t.Helper()
	ready := make(chan string, 1)
	f.process.start(func(line string) {
		if password, ok := strings.CutPrefix(line, "ready"); ok {
			ready <- strings.TrimSpace(password)
		}
	})
	select {
	case password := <-ready:
		if password != "" {
			f.first <- password
		}
	case <-f.process.done:
		f.t.Fatal("the server ended")
	case <-time.After(Patience):
		f.t.Fatal("the server does not get ready")
	}
}

// Kill ends the server as a power cut would.
func (f *Fleet) Kill() { f.process.signal(syscall.SIGKILL) }

// KillDatabase ends PostgreSQL's postmaster, and with it its other processes, as a power cut would.
func (f *Fleet) KillDatabase() {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return // between two of its lives
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return // being written
	}
	if server, err := os.FindProcess(pid); err != nil {
		f.t.Error(err)
	} else if err := server.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		f.t.Error(err)
	}
}

func (f *Fleet) signIn(password string) {
	f.t.Helper()
	f.Admin = f.SignIn(auth.FirstAdmin, password)
}

// passphrase is everybody's.
const passphrase = "a long enough test passphrase"

// SignIn signs somebody in with a one-time password and sets another.
func (f *Fleet) SignIn(email, oneTime string) *client.Client {
	f.t.Helper()
	ca, err := os.ReadFile(filepath.Join(f.dir, "ca.pem"))
	if err != nil {
		f.t.Fatal(err)
	}
	c, err := client.New(client.Options{Server: f.URL, CA: ca})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Close)
	if _, err := c.Login(f.t.Context(), email, oneTime); err != nil {
		f.t.Fatal(err)
	}
	if err := c.SetPassword(f.t.Context(), oneTime, passphrase); err != nil {
		f.t.Fatal(err)
	}
	return c
}

// Do calls the API as the administrator and fails the test where it refuses.
func (f *Fleet) Do(method, path, tenant string, body, out any) {
	f.t.Helper()
	if err := f.Admin.Do(f.t.Context(), method, path, url.Values{"tenant": {tenant}}, body, out); err != nil {
		f.t.Fatalf("%s %s at %s: %v", method, path, tenant, err)
	}
}

// Tenant makes a tenant below the installation and gives a client of its ADMIN.
func (f *Fleet) Tenant(slug string) *client.Client {
	f.t.Helper()
	f.Do(http.MethodPost, "/tenants", "root", map[string]any{"name": "Tenant " + slug, "slug": slug, "plan": "enterprise"}, nil)
	var made struct {
		Password string `json:"one_time_password"`
	}
	email := "admin@" + slug + ".example"
	f.Do(http.MethodPost, "/users", slug, map[string]any{"email": email, "name": "Admin " + slug, "role": "ADMIN"}, &made)
	return f.SignIn(email, made.Password)
}

// Agent is an enrolled agent, a process of its own.
type Agent struct {
	ID      string
	process *process
}

// Agent enrols an agent of this machine in a tenant and runs it.
func (f *Fleet) Agent(tenant, hostname string) *Agent {
	f.t.Helper()
	var secret client.EnrollSecret
	f.Do(http.MethodPost, "/enroll-secrets", tenant, map[string]any{"max_uses": 1}, &secret)
	path := filepath.Join(f.t.TempDir(), "agent")
	dir, err := state.OpenDir(path, childLog())
	if err != nil {
		f.t.Fatal(err)
	}
	made, err := enroll.Enroll(f.t.Context(), dir, enroll.Request{Server: f.URL, Secret: secret.Secret, HardwareID: enroll.HardwareID(""),
		Facts: protocol.Facts{Hostname: hostname, Platform: runtime.GOOS, Arch: runtime.GOARCH, OSName: "Test", OSVersion: "1", Version: "test"}})
	if err != nil {
		f.t.Fatal(err)
	}
	a := &Agent{ID: made.Identity.AgentID, process: &process{t: f.t, env: []string{roleVariable + "=agent", dirVariable + "=" + path}}}
	f.t.Cleanup(func() { a.process.signal(syscall.SIGTERM) })
	a.Restart()
	return a
}

// Restart starts the agent again after a kill.
func (a *Agent) Restart() { a.process.start(nil) }

// Kill ends the agent as a power cut would.
func (a *Agent) Kill() { a.process.signal(syscall.SIGKILL) }

// Eventually calls try until it gives no error; what it said last fails the test after Patience.
func Eventually(t testing.TB, what string, try func() error) {
	t.Helper()
	deadline := time.Now().Add(Patience)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		<-tick.C
	}
}

// drain reads a list to its end.
func drain[T any](list func(func(T, error) bool)) ([]T, error) {
	var all []T
	for item, err := range list {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// Document is the part of the API's description that tests read.
type Document struct {
	Paths map[string]map[string]struct {
		OperationID string           `json:"operationId"`
		Security    *[]any           `json:"security"`
		RequestBody *json.RawMessage `json:"requestBody"`
		Parameters  []Parameter      `json:"parameters"`
		Feature     string           `json:"x-feature"`
	} `json:"paths"`
}

// Parameter is a parameter of a call.
type Parameter struct {
	Name string `json:"name"`
	In   string `json:"in"` // query, path or header
}

// OpenAPI reads the description of what the server serves.
func (f *Fleet) OpenAPI(c *client.Client) (*Document, error) {
	return client.Root[Document](f.t.Context(), c, "/openapi.json")
}
