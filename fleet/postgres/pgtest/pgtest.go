// Package pgtest gives tests a real PostgreSQL: one private server for a test binary, started by the first test that
// asks, and a fresh migrated database for each test, copied from a template.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	dirPrefix = "tenantra-pgtest-" // followed by the pid of the test binary
	template  = "tenantra"         // migrated once, then only copied
)

// instance is the private server of this test binary.
type instance struct {
	private  *postgres.Private
	scopeKey []byte
	dir      string
}

var (
	shared = sync.OnceValues(start)
	number atomic.Int64
	opened atomic.Bool
)

// Main runs the tests of a package and stops the server afterwards:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// Without it the server still ends with the test binary, and its directory goes at the next start of any test.
func Main(m *testing.M) {
	code := m.Run()
	if opened.Load() {
		if server, err := shared(); err == nil {
			server.private.Stop()
			os.RemoveAll(server.dir)
		}
	}
	os.Exit(code)
}

// New gives a database of the test's own, migrated, with the root tenant in it. It is dropped when the test ends.
func New(t testing.TB) *postgres.DB {
	t.Helper()
	db, _ := open(t)
	return db
}

// NewWithAdmin is New with a superuser's connection to the same database beside it, for tests of the database itself.
func NewWithAdmin(t testing.TB) (*postgres.DB, *pgx.Conn) {
	t.Helper()
	db, url := open(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect as superuser: %v", err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return db, conn
}

func open(t testing.TB) (db *postgres.DB, adminURL string) {
	t.Helper()
	opened.Store(true)
	server, err := shared()
	if err != nil {
		t.Fatalf("start PostgreSQL for tests: %v", err)
	}
	name := "test_" + strconv.FormatInt(number.Add(1), 10)
	admin := func(statements ...string) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		conn, err := pgx.Connect(ctx, server.private.AdminURLOf("postgres"))
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		for _, sql := range statements {
			if _, err := conn.Exec(ctx, sql); err != nil { //lint:allow constantSQL a database's name is no parameter; ours is made above
				return err
			}
		}
		return nil
	}
	// A copy does not take the grants on the database itself with it.
	err = admin("CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY file_copy", "REVOKE ALL ON DATABASE "+name+" FROM PUBLIC",
		"GRANT CONNECT, TEMPORARY ON DATABASE "+name+" TO tenantra_app")
	if err != nil {
		t.Fatalf("copy the template database: %v", err)
	}
	t.Cleanup(func() {
		if err := admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	url := strings.Replace(server.private.AppURL(), "/"+template+"?", "/"+name+"?", 1)
	db, err = postgres.Open(t.Context(), postgres.Config{URL: url, ScopeKey: server.scopeKey, MaxConns: 8})
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(db.Close)
	return db, server.private.AdminURLOf(name)
}

// Tenant makes a tenant below parent, or below the root when none is named, and gives the scope of an ADMIN there. The
// name serves as slug too, in lower case.
func Tenant(t testing.TB, db *postgres.DB, name string, parent ...int32) access.Scope {
	t.Helper()
	above := postgres.RootTenant
	if len(parent) > 0 {
		above = parent[0]
	}
	public, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	person, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	var id int32
	err = db.InScope(t.Context(), access.System(above, "pgtest"), func(ctx context.Context, tx *postgres.Tx) error {
		const sql = `SELECT keeper.create_tenant($1, $2, $3, $4, $5, $6, $7)`
		slug := strings.ToLower(strings.ReplaceAll(name, " ", "-"))
		return tx.QueryRow(ctx, sql, above, public, name, slug, string(access.Enterprise), tx.Scope.Actor.String(), tx.Now).Scan(&id)
	})
	if err != nil {
		t.Fatalf("make tenant %s: %v", name, err)
	}
	return access.Scope{
		Tenant: id, Visible: []int32{id}, TenantID: public, Role: access.Admin, Tier: access.Enterprise,
		Actor: access.Actor{Kind: access.KindUser, ID: person, Name: "admin@" + name, Address: "192.0.2.1"},
	}
}

// start makes the server and the template. Durability is off: nothing of it outlives the test binary.
func start() (*instance, error) {
	sweep()
	server := &instance{dir: filepath.Join(os.TempDir(), dirPrefix+strconv.Itoa(os.Getpid())), scopeKey: make([]byte, 32)}
	rand.Read(server.scopeKey)
	if err := os.Mkdir(server.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var err error
	server.private, err = postgres.StartPrivate(ctx, postgres.PrivateConfig{
		Dir: server.dir, KeyDir: filepath.Join(server.dir, "keys"), Log: slog.New(slog.DiscardHandler),
		Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
			"shared_buffers": "32MB", "autovacuum": "off", "max_wal_size": "256MB",
		},
	})
	if err != nil {
		return nil, err
	}
	err = postgres.Migrate(ctx, server.private.AdminURL(), postgres.Setup{AppPassword: server.private.AppPassword(), ScopeKey: server.scopeKey})
	if err != nil {
		server.private.Stop()
		return nil, err
	}
	return server, nil
}

// sweep removes the directories of test binaries that are gone and did not use Main, or were killed.
func sweep() {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(dir), dirPrefix))
		if err != nil || running(pid) {
			continue
		}
		// Its PostgreSQL ends by itself; while it writes its last words, removal fails, and the next sweep does it.
		os.RemoveAll(dir)
	}
}

func running(pid int) bool {
	if pid == os.Getpid() {
		return false // a directory left by an earlier process with our number
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, fs.ErrPermission)
}
