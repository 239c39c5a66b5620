package postgres_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// quick are settings for servers that outlive no test. Durability stays on: the tests kill them.
var quick = map[string]string{"shared_buffers": "16MB", "max_connections": "30"}

// privateDir is a directory that the database's account can reach, unlike t.TempDir, and short enough for a socket.
func privateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tpg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func startPrivate(t *testing.T, dir string) *postgres.Private {
	t.Helper()
	private, err := postgres.StartPrivate(t.Context(), postgres.PrivateConfig{Dir: dir, KeyDir: filepath.Join(dir, "keys"), Settings: quick})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	return private
}

// postmaster reads the pid of the server in dir.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// waitGone waits until no process has the pid.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); os.IsNotExist(err) {
			return
		}
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(state), ") Z ") {
			return // ended, and its parent has not asked yet
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d goes on", pid)
		}
	}
}

func TestPrivateServerIsPrivate(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	private := startPrivate(t, dir)
	conn, err := pgx.Connect(t.Context(), private.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for setting, want := range map[string]string{"listen_addresses": "", "password_encryption": "scram-sha-256", "unix_socket_permissions": "0700", "fsync": "on"} {
		var got string
		if err := conn.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", setting, got, want, err)
		}
	}
	var methods string
	if err := conn.QueryRow(t.Context(), `SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules`).Scan(&methods); err != nil || methods != "scram-sha-256" {
		t.Errorf("sign-in by %q, %v", methods, err)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(private.AdminURL(), "tenantra_admin:", "tenantra_admin:x", 1)); err == nil {
		t.Error("a wrong password got in")
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // files come and go while the server runs
		}
		info, err := entry.Info()
		if err != nil || info.Mode().Type() == fs.ModeSymlink || info.Mode().Type() == fs.ModeSocket {
			return nil
		}
		allowed := fs.FileMode(0o700)
		if path == dir {
			allowed = 0o710 // as root, for the database's account
		}
		if info.Mode().Perm()&^allowed != 0 {
			t.Errorf("%s has mode %04o", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	pid := postmaster(t, dir)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil || strings.Contains(string(status), "\nUid:\t0\t") {
		t.Errorf("PostgreSQL runs as root, %v", err)
	}
	private.Stop()
	waitGone(t, pid)
	private.Stop() // again: nothing to do
}

func TestDatabaseSurvivesItsServersDeath(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	private := startPrivate(t, dir)
	key := make([]byte, 32)
	rand.Read(key)
	if err := postgres.Migrate(t.Context(), private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: key}); err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), postgres.Config{URL: private.AppURL(), ScopeKey: key, Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rename := func(name string) error {
		return db.InScope(t.Context(), access.System(postgres.RootTenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE tenants SET name = $1`, name)
			return err
		})
	}
	for round := range 3 {
		name := fmt.Sprintf("Installation %d", round)
		if err := rename(name); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		pid := postmaster(t, dir)
		process, err := os.FindProcess(pid)
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		waitGone(t, pid)
		var got string
		err = db.InScope(t.Context(), access.System(postgres.RootTenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
			return tx.QueryRow(ctx, `SELECT name FROM tenants`).Scan(&got)
		})
		if err != nil || got != name {
			t.Fatalf("round %d: after the kill the name is %q, %v", round, got, err)
		}
	}
}

// When our own process is killed, PostgreSQL must not stay behind, and the next start must find its data.
func TestKilledParentLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	for range 2 {
		parent := exec.Command(os.Args[0], "-test.run=TestHelperServe")
		parent.Env = append(os.Environ(), "PRIVATE_DIR="+dir)
		output, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(output).ReadString('\n')
		if err != nil || line != "ready\n" {
			t.Fatalf("the helper says %q, %v", line, err)
		}
		pid := postmaster(t, dir)
		if err := parent.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = parent.Wait() // killed
		waitGone(t, pid)
	}
	startPrivate(t, dir).Stop()
}

// TestHelperServe is no test: it is the process that TestKilledParentLeavesNoServer kills.
func TestHelperServe(t *testing.T) {
	dir := os.Getenv("PRIVATE_DIR")
	if dir == "" {
		t.Skip("runs for another test only")
	}
	startPrivate(t, dir)
	fmt.Println("ready")
	select {}
}

// A server that goes on without us (its death signal was lost, or the system has none) is stopped before a new start.
func TestLeftOverServerIsStopped(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	private := startPrivate(t, dir)
	pid := postmaster(t, dir)
	arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		t.Fatal(err)
	}
	owner, err := os.Stat(filepath.Join(dir, "postgres", "data"))
	if err != nil {
		t.Fatal(err)
	}
	private.Stop()

	stat := owner.Sys().(*syscall.Stat_t)
	left := exec.Command(program, strings.Split(strings.Trim(string(arguments), "\x00"), "\x00")[1:]...)
	left.Env = []string{"LC_ALL=C"}
	left.Dir = "/"
	if os.Geteuid() == 0 {
		left.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}}
	}
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- left.Wait() }()
	deadline := time.Now().Add(time.Minute)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if conn, err := pgx.Connect(t.Context(), private.AdminURL()); err == nil {
			conn.Close(t.Context())
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the server that is to be left over does not start")
		}
	}

	startPrivate(t, dir)
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the left-over server did not end in order: %v", err)
		}
	case <-time.After(time.Minute):
		left.Process.Kill()
		t.Error("the left-over server goes on")
	}
	if postmaster(t, dir) == left.Process.Pid {
		t.Error("no new server was started")
	}
}

func TestStalePidFileIsNoHindrance(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	startPrivate(t, dir).Stop()
	// After a reboot the number belongs to somebody else: here, to this test.
	path := filepath.Join(dir, "postgres", "data", "postmaster.pid")
	stale := fmt.Sprintf("%d\n%s\n1764000000\n5432\n%s\n\n        0         0\n", os.Getpid(), filepath.Dir(path), filepath.Join(dir, "postgres", "run"))
	if err := os.WriteFile(path, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	startPrivate(t, dir).Stop()
}

func TestServingNeedsAPowerlessRole(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	private := startPrivate(t, dir)
	key := make([]byte, 32)
	rand.Read(key)
	open := func(url string) error {
		db, err := postgres.Open(t.Context(), postgres.Config{URL: url, ScopeKey: key, Wait: time.Second})
		if err == nil {
			db.Close()
		}
		return err
	}
	if err := open(private.AdminURL()); err == nil || !strings.Contains(err.Error(), "refusing to serve") {
		t.Errorf("a superuser: %v", err)
	}
	if err := postgres.Migrate(t.Context(), private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: key}); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: key}); err != nil {
		t.Errorf("migrated again: %v", err)
	}
	if err := open(private.AppURL()); err != nil {
		t.Errorf("the app role: %v", err)
	}
	conn, err := pgx.Connect(t.Context(), private.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, power := range []struct{ give, take string }{
		{`ALTER ROLE tenantra_app BYPASSRLS`, `ALTER ROLE tenantra_app NOBYPASSRLS`},
		{`ALTER ROLE tenantra_app CREATEROLE`, `ALTER ROLE tenantra_app NOCREATEROLE`},
		{`GRANT tenantra_owner TO tenantra_app`, `REVOKE tenantra_owner FROM tenantra_app`},
		{`GRANT tenantra_admin TO tenantra_app`, `REVOKE tenantra_admin FROM tenantra_app`},
	} {
		if _, err := conn.Exec(t.Context(), power.give); err != nil {
			t.Fatal(err)
		}
		if err := open(private.AppURL()); err == nil || !strings.Contains(err.Error(), "refusing to serve") {
			t.Errorf("%s: %v", power.give, err)
		}
		if _, err := conn.Exec(t.Context(), power.take); err != nil {
			t.Fatal(err)
		}
	}
	// Rotation: the key before goes on working, the one before that does not.
	for range 2 {
		rand.Read(key)
		if err := postgres.Migrate(t.Context(), private.AdminURL(), postgres.Setup{ScopeKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	var keys int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM keeper.scope_keys`).Scan(&keys); err != nil || keys != 2 {
		t.Errorf("%d scope keys are kept, %v", keys, err)
	}
}
