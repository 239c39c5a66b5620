package fleettest

import (
	"context"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Database is a PostgreSQL beside the servers, as operators run it. They reach it through a door that the test closes and
// opens again.
type Database struct {
	t       testing.TB
	dir     string // of the servers' data; its keys fit the database
	url     string // of the role of servers, through the door
	admin   string // of a superuser, beside it
	address string // of the door
	socket  string // behind it

	mu       sync.Mutex
	listener net.Listener
	through  map[net.Conn]struct{}
}

// StartDatabase starts an empty database that ends with the test.
func StartDatabase(t testing.TB) *Database {
	t.Helper()
	dir := tempDir(t)
	d := &Database{t: t, dir: filepath.Join(dir, "fleet"), through: map[net.Conn]struct{}{}}
	keys := filepath.Join(d.dir, "keys")
	if err := keyfile.Dir(keys); err != nil {
		t.Fatal(err)
	}
	scopeKey, err := keyfile.Secret(filepath.Join(keys, "scope.key"), 32)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	private, err := postgres.StartPrivate(ctx, postgres.PrivateConfig{Dir: filepath.Join(dir, "db"), KeyDir: filepath.Join(dir, "db", "keys"), Log: childLog()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	if err := postgres.Migrate(ctx, private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: scopeKey}); err != nil {
		t.Fatal(err)
	}
	app, err := url.Parse(private.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	d.admin = private.AdminURL()
	d.socket = filepath.Join(app.Query().Get("host"), ".s.PGSQL."+app.Query().Get("port"))
	d.address = freeAddress(t)
	app.Host, app.RawQuery = d.address, url.Values{"sslmode": {"disable"}}.Encode()
	d.url = app.String()
	d.Back()
	t.Cleanup(d.Away)
	return d
}

// Server runs a server on the database that waits so long for it. Only the first has a one-time password to sign in with.
func (d *Database) Server(t testing.TB, wait time.Duration, env ...string) *Fleet {
	t.Helper()
	f := newFleet(t, d.dir, append([]string{dbVariable + "=" + d.url, waitVariable + "=" + wait.String()}, env...)...)
	f.Restart()
	return f
}

// Away closes the door: connections break, new ones are refused, as when the database's machine restarts.
func (d *Database) Away() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listener.Close()
	for conn := range d.through {
		conn.Close()
	}
}

// Back opens the door.
func (d *Database) Back() {
	d.t.Helper()
	listener, err := net.Listen("tcp", d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	d.listener = listener
	d.mu.Unlock()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the door was closed
			}
			go d.pass(conn)
		}
	}()
}

// pass joins a server's connection to the database.
func (d *Database) pass(server net.Conn) {
	database, err := net.Dial("unix", d.socket)
	if err != nil {
		server.Close()
		return
	}
	both := []net.Conn{server, database}
	d.mu.Lock()
	for _, conn := range both {
		d.through[conn] = struct{}{}
	}
	d.mu.Unlock()
	var copying sync.WaitGroup
	for i, from := range both {
		copying.Go(func() {
			io.Copy(both[1-i], from) // ends when either side is closed
			for _, conn := range both {
				conn.Close()
			}
		})
	}
	copying.Wait()
	d.mu.Lock()
	for _, conn := range both {
		delete(d.through, conn)
	}
	d.mu.Unlock()
}
