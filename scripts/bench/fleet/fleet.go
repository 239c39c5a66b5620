//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/scripts/bench/processes"
)

const (
	collection = "pack:bench/rows"
	// pack has ten columns, as many as the rows that are sent; osquery's processes has them too.
	pack = `pack: bench
queries:
  rows:
    sql: SELECT pid, parent, name, path, cmdline, state, uid, start_time, resident_size, cwd FROM processes
    interval: 1h
`
	passphrase = "a long enough bench passphrase"

	enrolling  = 64  // enrolments at once
	connecting = 32  // connections at once that have not said hello; of one address 64 may
	perTenant  = 4   // enrol secrets of a tenant: one enrols 50 agents a second
	perAddress = 200 // agents that share a client address: fewer than may enrol from one in a minute
)

// fleet is the server, its database, and who simulates what.
type fleet struct {
	options
	database *database
	server   *child
	base     string // https://127.0.0.1:port
	trust    *tls.Config
	admin    *client.Client
	secrets  []string // the tenants in turn
	pids     struct{ database int }
	idle     int64 // resident memory of the server when all are enrolled and none is connected
}

// startFleet starts database and server and makes the tenants.
func startFleet(ctx context.Context, dir string, o *options) (*fleet, error) {
	f := &fleet{options: *o}
	serverDir := filepath.Join(dir, "fleet")
	var err error
	if f.database, err = startDatabase(ctx, filepath.Join(dir, "db"), serverDir, o.statements); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	f.base = "https://" + listen
	var password string
	if f.server, password, err = startChild(serverDir, listen, f.database.private.AppURL()); err != nil {
		f.database.stop()
		return nil, fmt.Errorf("start server: %w", err)
	}
	if err = f.prepare(ctx, serverDir, password); err != nil {
		f.stop()
		return nil, fmt.Errorf("prepare tenants: %w", err)
	}
	return f, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (f *fleet) stop() {
	if f.admin != nil {
		f.admin.Close()
	}
	f.server.stop()
	f.database.stop()
}

// prepare signs the administrator in and makes tenants, each with the pack and enrol secrets.
func (f *fleet) prepare(ctx context.Context, serverDir, password string) error {
	ca, err := os.ReadFile(filepath.Join(serverDir, "ca.pem"))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return fmt.Errorf("%s holds no certificate", filepath.Join(serverDir, "ca.pem"))
	}
	f.trust = &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, ServerName: "localhost", NextProtos: []string{"http/1.1"}}
	if f.pids.database, err = f.database.pid(ctx); err != nil {
		return err
	}
	if f.admin, err = client.New(client.Options{Server: f.base, CA: ca}); err != nil {
		return err
	}
	if _, err := f.admin.Login(ctx, auth.FirstAdmin, password); err != nil {
		return err
	}
	if err := f.admin.SetPassword(ctx, password, passphrase); err != nil {
		return err
	}
	for i := range f.tenants {
		slug := fmt.Sprintf("bench-%d", i)
		for _, call := range []struct {
			method, path, tenant string
			body                 any
		}{
			{http.MethodPost, "/tenants", "root", map[string]any{"name": slug, "slug": slug, "plan": "enterprise"}},
			{http.MethodPut, "/packs/bench", slug, map[string]string{"yaml": pack}},
			{http.MethodPut, "/schedules/bench", slug, map[string]bool{"enabled": true}},
		} {
			if err := f.admin.Do(ctx, call.method, call.path, url.Values{"tenant": {call.tenant}}, call.body, nil); err != nil {
				return fmt.Errorf("%s %s at %s: %w", call.method, call.path, call.tenant, err)
			}
		}
	}
	for i := range f.tenants * perTenant {
		var secret client.EnrollSecret
		tenant := fmt.Sprintf("bench-%d", i%f.tenants)
		if err := f.admin.Do(ctx, http.MethodPost, "/enroll-secrets", url.Values{"tenant": {tenant}}, map[string]any{"max_uses": f.agents}, &secret); err != nil {
			return fmt.Errorf("make enrol secret of %s: %w", tenant, err)
		}
		f.secrets = append(f.secrets, secret.Secret)
	}
	return nil
}

// dialer connects from the address that agent i has.
func (f *fleet) dialer(i int) *net.Dialer {
	n := i / perAddress
	return &net.Dialer{Timeout: time.Minute, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n/250), byte(n%250+1))}}
}

// address is where the server listens.
func (f *fleet) address() string { return strings.TrimPrefix(f.base, "https://") }

// web makes an HTTP client of agent i's address with one connection of its own.
func (f *fleet) web(i int) *http.Client {
	return &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{
		DialContext: f.dialer(i).DialContext, TLSClientConfig: f.trust, MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1,
		DisableKeepAlives: f.fresh, DisableCompression: true, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}}
}

// enrolAll enrols all agents and tells how many a second.
func (f *fleet) enrolAll(ctx context.Context, enrol func(ctx context.Context, web *http.Client, i int) error) error {
	var next atomic.Int64
	group, groupCtx := errgroup.WithContext(ctx)
	before, err := f.watch(ctx)
	if err != nil {
		return err
	}
	profiled := f.enrolsOnly() && f.profile != ""
	if profiled {
		if err := f.server.order("profile " + f.profile); err != nil {
			return err
		}
	}
	started := time.Now()
	for range min(enrolling, f.agents) {
		group.Go(func() error {
			var web *http.Client
			closeIdle := func() {
				if web != nil {
					web.CloseIdleConnections()
				}
			}
			defer func() { closeIdle() }()
			for last := -1; ; {
				i := int(next.Add(1)) - 1
				if i >= f.agents {
					return nil
				}
				if i/perAddress != last { // another address: another connection
					closeIdle()
					web, last = f.web(i), i/perAddress
				}
				if err := enrol(groupCtx, web, i); err != nil {
					return fmt.Errorf("enrol agent %d: %w", i, err)
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	took := time.Since(started)
	if profiled {
		if err := f.server.order("profiled"); err != nil {
			return err
		}
	}
	spent, err := f.since(ctx, before)
	if err != nil {
		return err
	}
	how := fmt.Sprintf("%d connections that stay open", enrolling)
	if f.fresh {
		how = "a TLS connection each"
	}
	fmt.Printf("\nenrolment: %.0f/s (%d in %.1f s, %s), %.2f ms of CPU each (server %.2f, PostgreSQL %.2f)\n", float64(f.agents)/took.Seconds(), f.agents, took.Seconds(), how,
		ms(spent.cpu())/float64(f.agents), ms(spent.server)/float64(f.agents), ms(spent.database)/float64(f.agents))
	f.idle, err = f.memory()
	return err
}

// memory is what the server holds when it has given back what it can.
func (f *fleet) memory() (int64, error) {
	if err := f.server.order("free"); err != nil {
		return 0, err
	}
	return rssOf(f.server.pid())
}

// reportMemory tells what n connected agents cost.
func (f *fleet) reportMemory(n int) error {
	as, err := rssOf(f.server.pid())
	if err != nil {
		return err
	}
	now, err := f.memory()
	if err != nil {
		return err
	}
	fmt.Printf("memory with %d agents connected: %.1f KiB each (server %.0f MiB, %.0f MiB without agents; %.0f MiB before it gave back what it could)\n",
		n, float64(now-f.idle)/1024/float64(n), mib(now), mib(f.idle), mib(as))
	return nil
}

// phase runs a phase if it is wanted, with a profile of the server in a file of its own if one is.
func (f *fleet) phase(ctx context.Context, name string, run func(context.Context) error) error {
	if !f.does(name) {
		return nil
	}
	if f.profile != "" {
		if err := f.server.order("profile " + f.profile + "." + name); err != nil {
			return err
		}
	}
	if err := run(ctx); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if f.profile != "" {
		return f.server.order("profiled")
	}
	return nil
}

// spent is what server and database have done.
type spent struct {
	server, database time.Duration
	volume
}

func (s spent) cpu() time.Duration { return s.server + s.database }

func (f *fleet) watch(ctx context.Context) (s spent, err error) {
	if s.volume, err = f.database.measure(ctx); err != nil {
		return s, err
	}
	s.server, s.database = processes.CPU(f.server.pid()), processes.CPU(f.pids.database)
	return s, nil
}

// since is what was done after before.
func (f *fleet) since(ctx context.Context, before spent) (s spent, err error) {
	s.server, s.database = processes.CPU(f.server.pid())-before.server, processes.CPU(f.pids.database)-before.database
	v, err := f.database.measure(ctx)
	s.volume = volume{v.rows - before.rows, v.evidence - before.evidence, v.all - before.all, v.commits - before.commits, v.wal - before.wal}
	return s, err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
func mib(n int64) float64        { return float64(n) / (1 << 20) }

// failures counts what went wrong with agents, by text. Safe for concurrent use.
type failures struct {
	mu    sync.Mutex
	count map[string]int
}

func (x *failures) add(text string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.count == nil {
		x.count = map[string]int{}
	}
	x.count[text]++
}

// err is an error of all of them, nil for none.
func (x *failures) err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.count) == 0 {
		return nil
	}
	var all []string
	for text, n := range x.count {
		all = append(all, fmt.Sprintf("%d × %s", n, text))
	}
	return fmt.Errorf("agents met: %s", strings.Join(all, "; "))
}
