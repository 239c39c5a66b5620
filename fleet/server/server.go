// Package server is the whole fleet server: it starts the database, opens the keys, makes every feature and gives each what
// it needs of the others, and serves them on one address. Features do not know each other; they meet here.
package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/catalogue"
	"github.com/tenantra/tenantra/fleet/collections"
	"github.com/tenantra/tenantra/fleet/compliance"
	"github.com/tenantra/tenantra/fleet/events"
	"github.com/tenantra/tenantra/fleet/export"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/gateway"
	"github.com/tenantra/tenantra/fleet/groups"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/layers"
	"github.com/tenantra/tenantra/fleet/livequery"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/osquery"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/replay"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/savedqueries"
	"github.com/tenantra/tenantra/fleet/scanruns"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/fleet/settings"
	"github.com/tenantra/tenantra/fleet/sqlquery"
	"github.com/tenantra/tenantra/fleet/usage"
	"github.com/tenantra/tenantra/fleet/views"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/ui"
)

const stopTime = 15 * time.Second

// Config says how to run a server.
type Config struct {
	DataDir     string   // of keys and, without DatabaseURL, of the private PostgreSQL; 0700
	Listen      string   // host:port
	Names       []string // host names and addresses under which agents and people reach it, beside this machine's own
	DatabaseURL string   // of the role tenantra_app; "" starts a private PostgreSQL
	NATSURL     string   // of a bus that several servers share; "" runs one inside the process
	NATS        bus.Credentials
	KEKFile     string // of the key-encryption key; "" is keys/kek in DataDir
	Version     string
	Log         *slog.Logger
	// RequireFactor keeps MSP_ADMIN and SUPER_ADMIN from everything until they have a second factor.
	RequireFactor bool
	// PlansFile sets limits of plans (usage.ParsePlans); "" leaves them as they are by default.
	PlansFile string
	// PublicURL is where people find the console, for links in mail; "" makes it of Names and Listen.
	PublicURL string
	// DatabaseSettings of the private PostgreSQL, for tests.
	DatabaseSettings map[string]string
	// DatabaseWait is how long a call waits for a database that is away; 0 is 30 s. Tests shorten it.
	DatabaseWait time.Duration
}

// Server is a server that is ready to Run.
type Server struct {
	// FirstPassword is the one-time password of auth.FirstAdmin, on the first start only.
	FirstPassword string

	config    Config
	log       *slog.Logger
	private   *postgres.Private // nil with a database of the operator's
	db        *postgres.DB
	bus       *bus.Bus
	checker   *catalogue.Checker
	stored    *sqlquery.Service
	authority *pki.Authority
	api       *httpapi.API
	listener  net.Listener
	watching  *watching
	work      []func(context.Context) error // what runs while the server runs
}

// Start brings everything up to the point where requests can be served. Run serves them; Close must be called in any case.
func Start(ctx context.Context, config Config) (*Server, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{config: config, log: config.Log}
	if err := s.start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	keys, err := s.directories()
	if err != nil {
		return err
	}
	if err := s.openDatabase(ctx, keys); err != nil {
		return err
	}
	if s.authority, err = pki.OpenAuthority(keys, s.names(), time.Now); err != nil {
		return err
	}
	if err := s.publishAuthority(); err != nil {
		return err
	}
	if s.bus, err = bus.Open(bus.Config{Installation: s.db.Installation(), URL: s.config.NATSURL, Credentials: s.config.NATS, Log: s.log.With("component", "bus")}); err != nil {
		return err
	}
	if s.checker, err = catalogue.NewChecker(); err != nil {
		return err
	}
	if err := s.features(ctx, keys); err != nil {
		return err
	}
	if s.listener, err = net.Listen("tcp", s.config.Listen); err != nil {
		return fmt.Errorf("listen: %w (is another server running? choose another address with --listen)", err)
	}
	return nil
}

// directories makes the data directory and the one for keys.
func (s *Server) directories() (keys string, err error) {
	dir, err := filepath.Abs(s.config.DataDir)
	if err != nil {
		return "", fmt.Errorf("data directory: %w", err)
	}
	s.config.DataDir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	keys = filepath.Join(dir, "keys")
	return keys, keyfile.Dir(keys)
}

func (s *Server) openDatabase(ctx context.Context, keys string) error {
	scopeKey, err := keyfile.Secret(filepath.Join(keys, "scope.key"), 32)
	if err != nil {
		return err
	}
	url := s.config.DatabaseURL
	if url == "" {
		s.private, err = postgres.StartPrivate(ctx, postgres.PrivateConfig{
			Dir: s.config.DataDir, KeyDir: keys, Settings: s.config.DatabaseSettings, Log: s.log.With("component", "postgres"),
		})
		if err != nil {
			return err
		}
		if err := postgres.Migrate(ctx, s.private.AdminURL(), postgres.Setup{AppPassword: s.private.AppPassword(), ScopeKey: scopeKey}); err != nil {
			return err
		}
		url = s.private.AppURL()
	}
	s.db, err = postgres.Open(ctx, postgres.Config{URL: url, ScopeKey: scopeKey, Wait: s.config.DatabaseWait, Log: s.log.With("component", "postgres")})
	return err
}

// names are what the server's certificate is good for.
func (s *Server) names() []string {
	names := append([]string{"localhost", "127.0.0.1", "::1"}, s.config.Names...)
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	if host, _, err := net.SplitHostPort(s.config.Listen); err == nil && host != "" && !net.ParseIP(host).IsUnspecified() {
		names = append(names, host)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// publishAuthority puts the authority's certificate where clients on this machine find it.
func (s *Server) publishAuthority() error {
	file := filepath.Join(s.config.DataDir, "ca.pem")
	if err := os.WriteFile(file, s.authority.PEM(), 0o644); err != nil { // #nosec G306 -- a certificate is public
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

// features makes every feature. The order is that of who is needed by whom.
func (s *Server) features(ctx context.Context, keys string) error {
	kek, err := pki.OpenKEK(cmp.Or(s.config.KEKFile, filepath.Join(keys, "kek")))
	if err != nil {
		return err
	}
	sealer := pki.NewSealer(s.db, kek, time.Now)
	rotator := &pki.Rotator{Sealer: sealer, Columns: SealedColumns(), Tenants: s.allTenants, Log: s.component("keys")}
	commander, err := pki.OpenCommander(keys, s.db, sealer, time.Now)
	if err != nil {
		return err
	}
	anchors, err := audit.NewAnchors(audit.AnchorConfig{DB: s.db, Dir: filepath.Join(s.config.DataDir, "audit-anchors"), Signer: commander,
		Tenants: s.allTenants, Log: s.component("audit")})
	if err != nil {
		return err
	}
	compilers := s.checker.Compilers()
	library, err := frameworks.Load(frameworks.Embedded(), compilers)
	if err != nil {
		return fmt.Errorf("load checks: %w", err)
	}
	ownPacks, err := packs.Load(packs.Embedded(), compilers)
	if err != nil {
		return fmt.Errorf("load packs: %w", err)
	}
	mailer := mail.New(s.db, sealer)
	var said *settings.Service
	authService, err := auth.New(s.db, auth.Config{KeyDir: keys, Support: func(ctx context.Context, tenant int32) (bool, error) { return said.SupportAllowed(ctx, tenant) }, Sealer: sealer, Mailer: mailer, PublicURL: s.publicURL(), RequireFactor: s.config.RequireFactor, Log: s.component("auth")})
	if err != nil {
		return err
	}
	if s.FirstPassword, err = authService.Bootstrap(ctx); err != nil {
		return err
	}

	var judges *compliance.Service
	found := findings.New(findings.Config{DB: s.db, Bus: s.bus, Log: s.component("findings"),
		Explain: func(kind, subject string) (findings.Explanation, bool) { return judges.Explain(kind, subject) },
		Effect: func(ctx context.Context, scope access.Scope, kind, subject string, agent uuid.UUID) (*findings.Effect, error) {
			return judges.Effect(ctx, scope, kind, subject, agent)
		}})
	judges = compliance.New(s.db, library, found)
	runner := findings.NewRunner(findings.RunnerConfig{DB: s.db, Judges: []findings.Judge{judges}, Log: s.component("judges")})
	judges.Rejudged = func(tenants []int32) {
		var stored []rows.Stored
		for _, tenant := range tenants {
			stored = append(stored, rows.Stored{Tenant: tenant})
		}
		runner.Wake(stored)
	}
	store := rows.NewStore(rows.Config{DB: s.db, OnStored: runner.Wake, Log: s.component("rows")})
	var scanService *scans.Service
	upkeep := rows.NewUpkeep(rows.UpkeepConfig{DB: s.db, Tenants: s.allTenants, Log: s.component("rows"),
		Configured: func(ctx context.Context, tenant int32) (map[string][]string, error) {
			return scanService.Collected(ctx, tenant)
		}})
	var gate *gateway.Gateway
	moves := agents.Moves{ScopeAt: authService.ScopeAt, Order: func(ctx context.Context, tenant, agent uuid.UUID, m protocol.Move) error {
		command, err := commander.SignCommand(ctx, tenant, agent.String(), protocol.CommandMove, 0, m, protocol.QueryLife)
		if err != nil {
			return err
		}
		return gate.Send(ctx, agent, command)
	}}
	agentKeys := agents.Keys{Tenants: s.allTenants, Order: func(ctx context.Context, tenant, agent uuid.UUID, r protocol.Rekey) error {
		command, err := commander.SignCommand(ctx, tenant, agent.String(), protocol.CommandRekey, 0, r, protocol.QueryLife)
		if err != nil {
			return err
		}
		return gate.Send(ctx, agent, command)
	}, Life: func(ctx context.Context, tenant int32) (time.Duration, error) {
		return said.Days(ctx, tenant, settings.AgentKeyDays)
	}}
	plans, err := openPlans(s.config.PlansFile)
	if err != nil {
		return err
	}
	counts := usage.New(usage.Config{DB: s.db, Plans: plans, Tenants: s.allTenants, Log: s.component("usage")})
	agentService := agents.New(agents.Config{DB: s.db, Moves: moves, Keys: agentKeys, Room: agentPlaces(counts), Bus: s.bus, Authority: authority{s.authority, commander}, Findings: identityFindings{found},
		Enrolled: rows.AgentsEnrolled, Revoked: revoked{s, found, judges}.close, OpenFindings: countOpen(found), Log: s.component("agents")})
	said = settings.New(settings.Config{DB: s.db, Home: authService.Home, Changed: func(ctx context.Context, tenant int32) { scanService.Announce(ctx, tenant) }})
	var layerService *layers.Service
	alsoRun := func(ctx context.Context, tenant int32) ([]scans.Otherwise, error) {
		return layerService.Also(ctx, tenant)
	}
	scanService = scans.New(scans.Settings{DB: s.db, Also: alsoRun, Bus: s.bus, Log: s.component("scans"), Modules: said.Modules,
		Zone: func(ctx context.Context, tenant int32) (string, error) {
			return said.Text(ctx, tenant, settings.ScheduleZone)
		},
		Library: scans.Library{Packs: ownPacks, Checks: library.Checks(), Modules: modules.All(), Compilers: compilers}})
	layerService = layers.New(layers.Config{DB: s.db, Base: scanService, Log: s.component("layers")})
	if err := s.watch(found, library, ownPacks, scanService, mailer, sealer); err != nil {
		return err
	}
	runner.Judges = append(runner.Judges, s.watching.alerts, s.watching.drift)
	live := &liveQueries{agents: agentService, signer: commander}
	gate = gateway.New(gateway.Config{DB: s.db, Bus: s.bus, Agents: agentService, Rows: store, Configs: layerService, Answers: live, Arrived: live.Arrived, Stored: live.stored, Counted: counts.Stored, Signer: commander, Log: s.component("gateway")})
	var saved *savedqueries.Service
	statement := func(ctx context.Context, scope access.Scope, id uuid.UUID) (string, error) {
		return saved.Statement(ctx, scope, id)
	}
	live.service = livequery.New(livequery.Config{DB: s.db, Saved: statement, Bus: s.bus, Permit: s.checker.Permit, Check: s.checked, Targets: live, Choose: s.choose, Room: roomFor(counts, usage.LiveQueries), Signer: commander, Sender: gate, Log: s.component("livequery")})
	nodes, err := osquery.New(osquery.Config{DB: s.db, Bus: s.bus, Agents: agentService, Rows: store, Configs: layerService, Live: live.service, Scans: nodeScans{live}, Check: s.checker.Check, SpendRows: gate.SpendRows, Counted: counts.Stored, Log: s.component("osquery")})
	if err != nil {
		return err
	}
	if s.stored, err = sqlquery.New(sqlquery.Config{DB: s.db, Saved: statement, Permit: catalogue.PermitReads, Answers: live.service, Log: s.component("sqlquery")}); err != nil {
		return err
	}
	s.checker.Stored = s.stored
	live.scans = scanruns.New(scanruns.Config{DB: s.db, Fleet: scanFleet{live, layerService, commander, gate}, Room: roomFor(counts, usage.Scans), Log: s.component("scanruns")})
	saved = savedqueries.New(savedqueries.Config{DB: s.db, Permit: s.mayAsk, Packs: savedPacks{scanService}, Rules: savedRules{s.watching.alerts}, Log: s.component("savedqueries")})
	groupService := groups.New(groups.Config{DB: s.db, Chooser: s.stored, Changed: layerService.GroupChanged, Log: s.component("groups")})

	s.api = httpapi.New(httpapi.Config{Auth: authService, Version: s.config.Version, Log: s.component("http"), Ready: s.ready,
		MetricsToken: os.Getenv("TENANTRA_METRICS_TOKEN"), Denied: s.denied, Replays: replay.New(s.db, sealer)})
	customers := s.people(authService, agentService, mailer, said)
	for _, routes := range []func(*httpapi.API){
		audit.NewService(s.db, anchors).Routes, agentService.Routes, collections.New(s.db, classes{library, scanService}.of).Routes, scanService.Routes, gate.Routes, nodes.Routes, s.checker.Routes, s.stored.Routes, groupService.Routes, live.scans.Routes, live.service.Routes, found.Routes, judges.Routes,
		saved.Routes, layerService.Routes, counts.Routes, export.New(s.db, classes{library, scanService}.of).Routes,
		events.New(s.db, s.bus).Routes, views.New(s.db).Routes, s.watching.alerts.Routes, s.watching.notify.Routes, s.watching.drift.Routes, s.watching.risk.Routes,
	} {
		routes(s.api)
	}
	if err := s.api.ServeConsole(ui.FS()); err != nil {
		return err
	}
	s.work = []func(context.Context) error{rotator.Run, anchors.Run, authService.Run, customers.Run, store.Run, upkeep.Run, runner.Run, agentService.Run, gate.Run, layerService.Run, nodes.Run, live.service.Run, groupService.Run, live.scans.Run, counts.Run, s.watching.jobs.Run}
	s.work = append(s.work, func(ctx context.Context) error {
		return judges.Upkeep(ctx, compliance.UpkeepConfig{Tenants: s.allTenants, Log: s.component("compliance")})
	})
	return judges.Refresh(ctx)
}

func (s *Server) component(name string) *slog.Logger { return s.log.With("component", name) }

// ready tells whether requests can be answered now.
func (s *Server) ready(ctx context.Context) error {
	if !s.bus.Connected() {
		return errors.New("the bus is away")
	}
	return s.db.Ping(ctx)
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL is where a person on this machine finds the console.
func (s *Server) URL() string {
	_, port, _ := net.SplitHostPort(s.Addr().String())
	return "https://localhost:" + port
}

// Fingerprint is the SHA-256 of the certificate authority, in hexadecimal.
func (s *Server) Fingerprint() string {
	sum := s.authority.Fingerprint()
	return hex.EncodeToString(sum[:])
}

// Run serves until ctx ends, then lets requests finish.
func (s *Server) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	web := httpapi.Server(s.api.Handler())
	web.ErrorLog = slog.NewLogLogger(quietHandler{s.component("http").Handler()}, slog.LevelDebug)
	group.Go(func() error {
		if err := web.Serve(tls.NewListener(s.listener, s.authority.TLSConfig())); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := web.Shutdown(stop); err != nil { // streams that nobody ends
			return web.Close()
		}
		return nil
	})
	for _, work := range s.work {
		group.Go(func() error { return work(ctx) })
	}
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// quietHandler turns what net/http reports of clients' broken connections into debug lines.
type quietHandler struct{ slog.Handler }

func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Message = strings.TrimSpace(r.Message)
	return h.Handler.Handle(ctx, r)
}

// Close frees everything, the private PostgreSQL last. It works on a server that did not start whole.
func (s *Server) Close() {
	if s.listener != nil {
		s.listener.Close() // closed already when Run returned
	}
	if err := s.watching.close(); err != nil {
		s.log.Warn("close engines of alert rules", "err", err)
	}
	if s.stored != nil {
		if err := s.stored.Close(); err != nil {
			s.log.Warn("close catalogue of stored rows", "err", err)
		}
	}
	if s.checker != nil {
		if err := s.checker.Close(); err != nil {
			s.log.Warn("close catalogue", "err", err)
		}
	}
	if s.bus != nil {
		s.bus.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
	if s.private != nil {
		s.private.Stop()
	}
}
