package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser    = "tenantra_admin" // of the private server; only Migrate signs in as it
	privatePort  = "5432"           // part of the socket's name; nothing listens on TCP
	startTime    = 60 * time.Second
	stopTime     = 30 * time.Second // until a fast shutdown becomes an immediate one
	socketMost   = 100              // bytes of a Unix socket's path; the systems' limits are 103 and 107
	restartPause = 200 * time.Millisecond
)

// PrivateConfig says where the private PostgreSQL lives.
type PrivateConfig struct {
	Dir      string            // of the server's data; the database goes below it, in postgres/
	KeyDir   string            // of passwords, 0700
	Settings map[string]string // further settings, such as fsync=off in tests
	Log      *slog.Logger      // nil: discarded
}

// Private is a PostgreSQL of our own: started by us, reachable through a Unix socket in a directory that only we may
// enter, restarted when it dies, and gone when we are. It is safe for concurrent use.
type Private struct {
	config        PrivateConfig
	binaries      string // directory
	data, sockets string
	account       *account // nil: the server runs as we do
	adminPassword string
	appPassword   string
	log           *slog.Logger

	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
}

// StartPrivate starts PostgreSQL below config.Dir and waits until it answers. The first start makes the database. As
// root it runs under an unprivileged account. A server left over from a process that was killed is stopped first.
func StartPrivate(ctx context.Context, config PrivateConfig) (*Private, error) {
	p := &Private{config: config, log: config.Log, stop: make(chan struct{}), stopped: make(chan struct{})}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	if err := p.stopLeftOver(ctx); err != nil {
		return nil, err
	}
	server, err := p.startOnce(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.createDatabase(ctx); err != nil {
		p.end(server)
		return nil, err
	}
	go p.supervise(server) // #nosec G118 -- the server outlives the call that starts it
	return p, nil
}

func (p *Private) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.AdminURLOf("postgres"))
	if err != nil {
		return fmt.Errorf("sign in to the private database: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'tenantra')`).Scan(&exists); err != nil {
		return fmt.Errorf("look for the private database: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, `CREATE DATABASE tenantra`); err != nil {
		return fmt.Errorf("create the private database: %w", err)
	}
	return nil
}

// AdminURL is for Migrate alone.
func (p *Private) AdminURL() string { return p.AdminURLOf("tenantra") }

// AdminURLOf is AdminURL for another database of the server.
func (p *Private) AdminURLOf(database string) string {
	return p.url(superuser, p.adminPassword, database)
}

// AppURL is the connection URL of the app role.
func (p *Private) AppURL() string { return p.url(RoleApp, p.appPassword, "tenantra") }

// AppPassword is for Migrate to give to the app role.
func (p *Private) AppPassword() string { return p.appPassword }

func (p *Private) url(user, password, database string) string {
	query := url.Values{"host": {p.sockets}, "port": {privatePort}}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Path: "/" + database, RawQuery: query.Encode()}
	return u.String()
}

// Stop shuts the server down: fast, and after a while at once. It returns when the process is gone.
func (p *Private) Stop() {
	p.once.Do(func() { close(p.stop) })
	<-p.stopped
}

// server is one life of the PostgreSQL process.
type server struct {
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
	err  error         // how, once gone is closed
	tail *tail         // its last words
}

// startOnce starts the process and waits until it accepts connections.
func (p *Private) startOnce(ctx context.Context) (*server, error) {
	cmd := exec.Command(filepath.Join(p.binaries, exeName("postgres")), p.settings()...) // #nosec G204 -- PostgreSQL's own program, found by us
	p.environment(cmd)
	s := &server{cmd: cmd, gone: make(chan struct{}), tail: &tail{log: p.log}}
	cmd.Stdout, cmd.Stderr = s.tail, s.tail
	cmd.WaitDelay = 2 * time.Second // backends may hold the pipe a moment longer than the process lives
	started := make(chan error, 1)
	go run(cmd, started, func(err error) { s.err = err; close(s.gone) })
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-s.gone:
			return nil, fmt.Errorf("start PostgreSQL: %w: %s", s.err, s.tail)
		case <-ctx.Done():
			p.end(s)
			return nil, fmt.Errorf("start PostgreSQL: %w: %s", ctx.Err(), s.tail)
		case <-ticker.C:
			if p.answers(ctx) {
				return s, nil
			}
		}
	}
}

// supervise restarts the server when it dies and ends it on Stop.
func (p *Private) supervise(s *server) {
	defer close(p.stopped)
	for {
		select {
		case <-p.stop:
			p.end(s)
			return
		case <-s.gone:
			p.log.Warn("PostgreSQL ended, restarting it", "err", s.err, "last", s.tail.String())
		}
		for {
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				select {
				case <-p.stop:
					cancel()
				case <-ctx.Done():
				}
			}()
			next, err := p.restart(ctx)
			cancel()
			if err == nil {
				s = next
				break
			}
			select {
			case <-p.stop:
				return
			case <-time.After(restartPause):
				p.log.Warn("PostgreSQL does not start, trying again", "err", err)
			}
		}
	}
}

func (p *Private) restart(ctx context.Context) (*server, error) {
	if err := p.stopLeftOver(ctx); err != nil {
		return nil, err
	}
	return p.startOnce(ctx)
}

// end stops a server that is our child: fast shutdown, then immediate, then kill.
func (p *Private) end(s *server) {
	for _, how := range []stopSignal{stopFast, stopImmediate, stopKill} {
		p.signal(s.cmd.Process, how)
		select {
		case <-s.gone:
			return
		case <-time.After(stopTime):
			p.log.Warn("PostgreSQL does not stop", "signal", int(how))
		}
	}
	<-s.gone
}

// answers tells whether a server accepts connections on our socket. It greets properly, so that the server's log stays
// free of broken connections.
func (p *Private) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.AdminURLOf("postgres"))
	if err != nil {
		return false
	}
	conn.Close(ctx)
	return true
}
