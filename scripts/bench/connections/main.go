// Command connections measures what an idle agent's connection costs the server: memory in use after a collection, over TLS, for
// connections that have said hello and sent a batch. The agents are in a process of their own.
//
// Usage: go run ./scripts/bench/connections [-agents 1000]
package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/gateway"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/tables"
)

const collection = "pack:bench/rows"

func main() {
	count := flag.Int("agents", 1000, "connections")
	dial := flag.Bool("dial", false, "be the agents: what they need comes by standard input")
	flag.Parse()
	run := func() error { return serve(*count) }
	if *dial {
		run = dialAll
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "connections:", err)
		os.Exit(1)
	}
}

// order is what the process of the agents is told.
type order struct {
	Address, Fleet, Tenant string
	Agents                 []uuid.UUID
	Seed                   []byte // of the one key that all agents use
}

func serve(count int) error {
	dir, err := os.MkdirTemp("", "tenantra-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	private, err := postgres.StartPrivate(ctx, postgres.PrivateConfig{Dir: dir, KeyDir: dir + "/keys"})
	if err != nil {
		return err
	}
	defer private.Stop()
	scopeKey := make([]byte, 32)
	rand.Read(scopeKey)
	if err := postgres.Migrate(ctx, private.AdminURL(), postgres.Setup{AppPassword: private.AppPassword(), ScopeKey: scopeKey}); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: private.AppURL(), ScopeKey: scopeKey})
	if err != nil {
		return err
	}
	defer db.Close()
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	told := order{Fleet: db.Installation().String(), Tenant: db.Installation().String(), Seed: key.Seed()}
	if told.Agents, err = enroll(ctx, db, public, count); err != nil {
		return err
	}
	messages, err := bus.Open(bus.Config{Installation: db.Installation()})
	if err != nil {
		return err
	}
	defer messages.Close()
	authority, err := pki.OpenAuthority(dir+"/keys", []string{"127.0.0.1"}, time.Now)
	if err != nil {
		return err
	}
	known := agents.New(agents.Config{DB: db, Bus: messages})
	store := rows.NewStore(rows.Config{DB: db})
	gate := gateway.New(gateway.Config{DB: db, Bus: messages, Agents: known, Rows: store, Configs: nothing{}, Signer: nothing{}})
	api := httpapi.New(httpapi.Config{Auth: nothing{}})
	gate.Routes(api)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	told.Address = listener.Addr().String()
	server := httpapi.Server(api.Handler())
	server.TLSConfig = authority.TLSConfig()
	server.ErrorLog = log.New(io.Discard, "", 0)
	go server.ServeTLS(listener, "", "")
	defer server.Close()
	for _, part := range []func(context.Context) error{known.Run, store.Run, gate.Run} {
		go part(ctx)
	}
	before := inUse()
	stop, err := start(told)
	if err != nil {
		return err
	}
	defer stop()
	for deadline := time.Now().Add(10 * time.Minute); gate.Connected() < count; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of %d agents connected", gate.Connected(), count)
		}
	}
	if err := settled(ctx, db, count); err != nil {
		return err
	}
	after := inUse()
	fmt.Printf("%d connections: %.1f KiB each (%.1f MiB before, %.1f MiB with them)\n", count, float64(after-before)/1024/float64(count), float64(before)/(1<<20), float64(after)/(1<<20))
	return nil
}

// inUse is the memory that heap and stacks hold after collections: the second lets shared buffers go.
func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse + stats.StackInuse
}

// settled waits until every agent's batch is stored.
func settled(ctx context.Context, db *postgres.DB, count int) error {
	for {
		var stored int
		err := db.InScope(ctx, access.System(postgres.RootTenant, "bench"), func(ctx context.Context, tx *postgres.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM agent_collections`).Scan(&stored)
		})
		if err != nil || stored == count {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func enroll(ctx context.Context, db *postgres.DB, key ed25519.PublicKey, count int) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, count)
	err := db.InScope(ctx, access.System(postgres.RootTenant, "bench"), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := rows.EnsureCollections(ctx, tx, []string{collection}); err != nil {
			return err
		}
		for i := range ids {
			ids[i] = uuid.New()
			const agent = `
WITH a AS (
    INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
           enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
    VALUES ($1, $2, $3, 'active', 'bench', 'linux', '', '', '', '', '', $2, $4, 'bench', $4, 'bench', $4) RETURNING tenant_id, id
), p AS (
    INSERT INTO agent_presence (tenant_id, agent_id, last_seen_at) SELECT tenant_id, id, $4 FROM a
)
SELECT id FROM a`
			var id int32
			if err := tx.QueryRow(ctx, agent, postgres.RootTenant, ids[i], []byte(key), tx.Now).Scan(&id); err != nil {
				return err
			}
			if err := rows.AgentEnrolled(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	return ids, err
}

// start runs the agents' process.
func start(told order) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(told)
	if err != nil {
		return nil, err
	}
	command := exec.Command(self, "-dial")
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go input.Write(append(text, '\n')) // stays open: its end is the agents' end
	return func() {
		input.Close()
		command.Wait()
	}, nil
}

// nothing stands for what idle connections do not use: people, configurations, commands.
type nothing struct{}

var errUnused = errors.New("not part of the measurement")

func (nothing) Authenticate(context.Context, string, string, bool, string) (httpapi.Caller, error) {
	return httpapi.Caller{}, errUnused
}
func (nothing) Alive(context.Context, access.Scope) error { return nil }
func (nothing) Config(context.Context, agents.Identity) (protocol.Config, int64, error) {
	return protocol.Config{}, 0, nil
}
func (nothing) Changed(uuid.UUID) {}
func (nothing) SignCommand(context.Context, uuid.UUID, string, protocol.CommandKind, int64, any, time.Duration) (protocol.Command, error) {
	return protocol.Command{}, errUnused
}

// cells are the rows that each agent sends.
func cells() [][]tables.Value {
	var out [][]tables.Value
	for i := range 200 {
		out = append(out, []tables.Value{tables.IntValue(int64(i)), tables.TextValue(fmt.Sprintf("/usr/lib/bench/file-%d", i))})
	}
	return out
}
