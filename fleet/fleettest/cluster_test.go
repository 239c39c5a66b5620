package fleettest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/bus/bustest"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

const (
	campaignAgents = 12
	campaignWait   = 180 // seconds
)

// TestServerKilledInACluster has servers share a database and a NATS cluster of three nodes, with certificates and nkeys. In the
// middle of a campaign and of ingest the one that began the campaign is killed, and a node of NATS ends. Agents move over;
// each of them is once in the ledger, with its answer once; each row that was acknowledged is stored once.
func TestServerKilledInACluster(t *testing.T) {
	t.Parallel()
	counts := []int{3}
	if os.Getenv(longVariable) != "" {
		counts = []int{2, 3}
	}
	for _, servers := range counts {
		t.Run(fmt.Sprintf("%d servers", servers), func(t *testing.T) { killOneOf(t, servers) })
	}
}

func killOneOf(t *testing.T, count int) {
	d := StartDatabase(t)
	nats := bustest.Start(t, d.installation(t), 3)
	credentials, err := json.Marshal(nats.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	var servers []*Fleet
	var addresses []string
	for range count {
		f := d.Server(t, 30*time.Second, natsVariable+"="+nats.URL, busVariable+"="+string(credentials))
		servers, addresses = append(servers, f), append(addresses, f.address())
	}
	doomed := servers[0]
	doomed.signIn(<-doomed.first)
	survivor := servers[1]
	survivor.Admin = survivor.again(t)
	balancer := startBalancer(t, addresses)
	front := &Fleet{t: t, dir: d.dir, URL: "https://localhost" + balancer.address()[len("127.0.0.1"):], Admin: survivor.Admin}
	front.Do(http.MethodPost, "/tenants", "root", map[string]any{"name": "Acme", "slug": "acme", "plan": "enterprise"}, nil)
	front.Do(http.MethodPut, "/packs/hostile", "acme", map[string]string{"yaml": "pack: hostile\nqueries:\n  a:\n    sql: SELECT name FROM processes\n    interval: 1h\n"}, nil)
	front.Do(http.MethodPut, "/schedules/hostile", "acme", map[string]bool{"enabled": true}, nil)

	ctx, stop := context.WithCancel(t.Context())
	var answering sync.WaitGroup
	defer func() { stop(); answering.Wait() }()
	held := make(chan struct{}) // closed when the second half may answer
	answerers := make([]*answerer, campaignAgents)
	var ids []string
	for i := range answerers {
		a := &answerer{fleet: front, agent: front.impostor(t, "acme", plainFacts), trust: front.trust(t)}
		if i%2 == 1 {
			a.held = held
		}
		answerers[i], ids = a, append(ids, a.agent.ID.String())
		answering.Go(func() { a.run(ctx) })
	}
	senders := make([]*sender, outageAgents)
	for i := range senders {
		senders[i] = newSender(t, front, front.impostor(t, "acme", plainFacts), i)
	}
	Eventually(t, "all agents of the campaign are online", func() error {
		agents, err := drain(client.List[client.Agent](t.Context(), front.Admin, "/agents", url.Values{"tenant": {"acme"}, "status": {"online"}}))
		if err == nil && len(agents) < campaignAgents {
			err = fmt.Errorf("%d are online", len(agents))
		}
		return err
	})
	var sending sync.WaitGroup
	for _, s := range senders {
		sending.Go(s.run)
	}
	var asked struct{ ID string }
	doomed.Do(http.MethodPost, "/live-queries", "acme", map[string]any{"sql": "SELECT name FROM processes", "wait_seconds": campaignWait, "target": map[string]any{"agent_ids": ids}}, &asked)
	campaign := func() (*client.LiveQuery, error) {
		return client.Get[client.LiveQuery](t.Context(), front.Admin, "/live-queries/"+asked.ID, url.Values{"tenant": {"acme"}})
	}
	Eventually(t, "half of the agents have answered, and rows flow", func() error {
		q, err := campaign()
		switch {
		case err != nil:
			return err
		case q.Counts["with_rows"] < campaignAgents/2:
			return fmt.Errorf("%v", q.Counts)
		}
		for _, s := range senders {
			if s.acknowledged.Load() == 0 {
				return fmt.Errorf("agent %d has no batch acknowledged", s.number)
			}
		}
		return nil
	})
	through := int64(0)
	for _, s := range senders {
		through += s.acknowledged.Load()
	}
	doomed.Kill()
	nats.Nodes[0].Shutdown()
	close(held)
	t.Logf("killed with %d of %d batches acknowledged and half of %d answers given", through, outageAgents*outageBatches, campaignAgents)
	if through == outageAgents*outageBatches {
		t.Error("the load was over before the kill")
	}
	Eventually(t, "the ledger is complete", func() error {
		q, err := campaign()
		if err == nil && (q.State != "done" || q.Counts["with_rows"] != campaignAgents || q.Rows != campaignAgents) {
			err = fmt.Errorf("%s, %d rows, %v", q.State, q.Rows, q.Counts)
		}
		return err
	})
	for name, n := range d.answers(t, uuid.MustParse(asked.ID)) {
		if n != 1 {
			t.Errorf("the answer of %s is stored %d times", name, n)
		}
	}
	sending.Wait()
	moved := 0
	for _, a := range answerers {
		if a.sessions.Load() > 1 {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no agent moved over: the killed server held none")
	}
	for _, s := range senders {
		stored := d.stored(t, s.agent.ID)
		if len(stored) != outageBatches*outageRows {
			t.Errorf("agent %d sent %d rows, stored are %d", s.number, outageBatches*outageRows, len(stored))
		}
		for name, copies := range stored {
			if copies != 1 {
				t.Fatalf("row %s is stored %d times", name, copies)
			}
		}
	}
	revokedEverywhere(t, front, answerers)
}

// revokedEverywhere is S16 with several servers: a revoked agent is closed on whichever holds it, and no other takes it.
func revokedEverywhere(t *testing.T, front *Fleet, answerers []*answerer) {
	for _, a := range answerers[:3] {
		before := a.refusals.Load()
		front.Do(http.MethodPost, "/agents/"+a.agent.ID.String()+"/revoke", "acme", nil, nil)
		revoked := time.Now()
		Eventually(t, "a revoked agent is refused", func() error {
			if a.refusals.Load() < before+4 { // its own end, and each of three further connections to servers in turn
				return errors.New("it is connected")
			}
			return nil
		})
		if took := time.Since(revoked); took > 5*time.Second+lateness {
			t.Errorf("it took %s until a revoked agent was refused everywhere", took)
		}
	}
}

// again signs the first administrator in on another server.
func (f *Fleet) again(t *testing.T) *client.Client {
	t.Helper()
	ca, err := os.ReadFile(f.dir + "/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Options{Server: f.URL, CA: ca})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Login(t.Context(), auth.FirstAdmin, passphrase); err != nil {
		t.Fatal(err)
	}
	return c
}

func (d *Database) installation(t *testing.T) (id uuid.UUID) {
	t.Helper()
	d.ask(t, func(conn *pgx.Conn) pgx.Row { return conn.QueryRow(t.Context(), `SELECT keeper.installation()`) }, &id)
	return id
}

// ask reads one row as the superuser.
func (d *Database) ask(t *testing.T, ask func(*pgx.Conn) pgx.Row, targets ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if err := ask(conn).Scan(targets...); err != nil {
		t.Fatal(err)
	}
}

// answers counts the rows of a campaign by their first cell.
func (d *Database) answers(t *testing.T, query uuid.UUID) map[string]int {
	t.Helper()
	const text = `
SELECT coalesce(jsonb_object_agg(name, n), '{}') FROM (
    SELECT row ->> 0 AS name, count(*) AS n FROM tenantra.live_query_parts p, jsonb_array_elements(p.rows::jsonb) row WHERE p.query_id = $1 GROUP BY 1) x`
	counts := map[string]int{}
	d.ask(t, func(conn *pgx.Conn) pgx.Row { return conn.QueryRow(t.Context(), text, query) }, &counts)
	if len(counts) != campaignAgents {
		t.Errorf("%d agents' answers are stored, want %d", len(counts), campaignAgents)
	}
	return counts
}

// answerer is an agent that answers live queries, connects again whenever its connection ends, and knows no state.
type answerer struct {
	fleet              *Fleet
	agent              *rowstest.Agent
	trust              *tls.Config
	held               <-chan struct{} // nil: it answers at once
	sessions, refusals atomic.Int64
}

func (a *answerer) run(ctx context.Context) {
	for ctx.Err() == nil {
		a.session(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond): // as agents back off
		}
	}
}

func (a *answerer) session(ctx context.Context) {
	dialer := &websocket.Dialer{TLSClientConfig: a.trust, HandshakeTimeout: Patience}
	conn, response, err := dialer.DialContext(ctx, "wss://"+a.fleet.address()+"/agent/connect", nil)
	if err != nil {
		return
	}
	response.Body.Close()
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	for {
		_, packed, err := conn.ReadMessage()
		if err != nil {
			return
		}
		envelope, err := frame.Decode(packed)
		if err == nil {
			err = a.take(ctx, conn, envelope)
		}
		if err != nil {
			return
		}
	}
}

func (a *answerer) take(ctx context.Context, conn *websocket.Conn, envelope protocol.Envelope) error {
	switch envelope.Type {
	case protocol.TypeChallenge:
		var c protocol.Challenge
		if err := protocol.Decode(envelope.Body, &c); err != nil {
			return err
		}
		hello, err := protocol.Sign(a.agent.Key, protocol.PurposeHello, protocol.HelloHeader{Nonce: c.Nonce, FleetID: c.FleetID,
			TenantID: a.agent.TenantID.String(), AgentID: a.agent.ID.String(), Timestamp: time.Now().UTC(), InstanceID: "test"})
		if err != nil {
			return err
		}
		return put(conn, protocol.TypeHello, protocol.Hello{Session: hello, Facts: plainFacts})
	case protocol.TypeWelcome:
		a.sessions.Add(1)
	case protocol.TypeError:
		var refused protocol.Error
		if protocol.Decode(envelope.Body, &refused) == nil && refused.Code == protocol.CodeRevoked {
			a.refusals.Add(1)
		}
		return &refused
	case protocol.TypeCommand:
		var command protocol.Command
		if err := protocol.Decode(envelope.Body, &command); err != nil {
			return err
		}
		var query protocol.LiveQuery
		if err := json.Unmarshal(command.Body, &query); err != nil || query.QueryID == "" {
			return err // a configuration
		}
		return a.answer(ctx, conn, query.QueryID)
	}
	return nil
}

func (a *answerer) answer(ctx context.Context, conn *websocket.Conn, query string) error {
	if a.held != nil {
		select {
		case <-a.held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	draft := rowstest.Draft{Header: protocol.BatchHeader{Columns: []string{"name"}}, Added: rowstest.Text([]string{a.agent.ID.String()})}
	root := draft.Root()
	header, err := protocol.Sign(a.agent.Key, protocol.PurposeAnswer, protocol.AnswerHeader{TenantID: a.agent.TenantID.String(), AgentID: a.agent.ID.String(), QueryID: query,
		Final: true, Outcome: protocol.OutcomeRows, Timestamp: time.Now().UTC(), Columns: draft.Header.Columns, RowCount: 1, Root: root[:]})
	if err != nil {
		return err
	}
	return put(conn, protocol.TypeAnswer, protocol.Answer{Header: header, Rows: draft.Added})
}

func put(conn *websocket.Conn, kind protocol.Type, body any) error {
	packed, err := frame.Encode(kind, "", body)
	if err != nil {
		return err
	}
	return conn.WriteMessage(websocket.BinaryMessage, packed)
}
