package gateway_test

import (
	"context"
	"crypto/ed25519"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/gateway"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// rekeying gives the fleet's agents orders to change keys, and the ids of the orders.
func (f *fleet) rekeying() chan protocol.Rekey {
	orders := make(chan protocol.Rekey, 10)
	f.agents.Keys = agents.Keys{
		Order:   func(_ context.Context, _, _ uuid.UUID, r protocol.Rekey) error { orders <- r; return nil },
		Life:    func(context.Context, int32) (time.Duration, error) { return 365 * 24 * time.Hour, nil },
		Tenants: func(context.Context) ([]int32, error) { return []int32{f.scope.Tenant}, nil },
	}
	return orders
}

// withKey gives the agent as it is with another key.
func withKey(a *rowstest.Agent) *rowstest.Agent {
	other := *a
	_, other.Key, _ = ed25519.GenerateKey(nil)
	return &other
}

func offerOf(a *rowstest.Agent, order string) protocol.KeyOffer {
	proof := protocol.KeyOfferProof(a.ID.String(), order, a.Public())
	return protocol.KeyOffer{OrderID: order, PublicKey: a.Public(), Proof: ed25519.Sign(a.Key, protocol.SigningBytes(protocol.PurposeKeyOffer, proof))}
}

// offer sends an offer that signer signs, and gives the status and the text of the answer.
func (f *fleet) offer(signer *rowstest.Agent, offer protocol.KeyOffer) (int, string) {
	f.t.Helper()
	response := f.request(signer, http.MethodPost, "/api/v1/agent/key", offer)
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// beats tells whether a heartbeat by request is taken.
func (f *fleet) beats(a *rowstest.Agent) bool {
	f.t.Helper()
	return f.request(a, http.MethodPost, "/agent/heartbeat", heartbeatOf(f.t, a, 7)).StatusCode == http.StatusOK
}

// otherServer is another server of the fleet, with a memory of its own.
func (f *fleet) otherServer() string {
	f.t.Helper()
	mine := f.agents
	f.agents = agents.New(agents.Config{DB: f.db, Bus: f.bus, Authority: f.around, Findings: f.around, Enrolled: rows.AgentsEnrolled, Keys: mine.Keys})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func(s *agents.Service) { s.Run(ctx); close(ended) }(f.agents)
	f.t.Cleanup(func() { cancel(); <-ended })
	_, url := f.server(gateway.DefaultLimits())
	f.agents = mine
	return url
}

// S15, S17: both keys count until the first message under the new one; then the old one is dead on every server, and whoever
// uses it is told of.
func TestAKeyIsReplacedByTheFirstMessageUnderTheNext(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	orders := f.rekeying()
	old := f.enroll()
	next := withKey(old)
	elsewhere := f.otherServer()
	there := f.connect(old, elsewhere)
	ordered, err := f.agents.RotateKey(t.Context(), f.scope, old.ID)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := f.agents.RotateKey(t.Context(), f.scope, old.ID); err != nil || again.OrderID != ordered.OrderID {
		t.Errorf("a second order is another: %+v, %v", again, err)
	}
	if got := <-orders; got.OrderID != ordered.OrderID.String() {
		t.Errorf("the agent was told %s", got.OrderID)
	}
	if f.beats(next) {
		t.Fatal("a key that nobody offered is taken")
	}
	if status, text := f.offer(old, offerOf(next, ordered.OrderID.String())); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	if status, text := f.offer(old, offerOf(next, ordered.OrderID.String())); status != http.StatusOK {
		t.Errorf("the same offer again: %d %s", status, text)
	}
	if !f.beats(old) {
		t.Error("the old key is dead before the new one was used")
	}
	f.connect(next, f.url)
	if f.beats(old) {
		t.Error("the old key counts after the first message under the new one")
	}
	w, challenge := f.dial(old, elsewhere)
	w.greet(f.hello(old, challenge))
	for {
		envelope, err := w.next()
		if err != nil || envelope.Type == protocol.TypeError {
			break
		}
		w.heartbeat(7) // for as long as that server has not heard
	}
	there.heartbeat(7)
	there.expectEnd()
	if !f.beats(next) {
		t.Error("the new key does not count")
	}
	eventually(t, "the use of the old key is a finding", func() bool {
		f.around.mu.Lock()
		defer f.around.mu.Unlock()
		return len(f.around.findings) > 0 && f.around.findings[0].Kind == "clone" && strings.Contains(f.around.findings[0].Message, "was replaced")
	})
	// What the old key signed can still be checked.
	err = f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		var kept []byte
		err := tx.QueryRow(ctx, `SELECT public_key FROM agent_keys WHERE tenant_id = $1`, f.scope.Tenant).Scan(&kept)
		if err == nil && !old.Public().Equal(ed25519.PublicKey(kept)) {
			t.Error("another key was kept")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOffersThatNobodyOrderedAreRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.rekeying()
	a := f.enroll()
	next := withKey(a)
	order := uuid.NewString()
	if status, text := f.offer(a, offerOf(next, order)); status != http.StatusForbidden || !strings.Contains(text, protocol.CodeUnknownOrder) {
		t.Errorf("without an order: %d %s", status, text)
	}
	ordered, err := f.agents.RotateKey(t.Context(), f.scope, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	order = ordered.OrderID.String()
	stolen := offerOf(next, order)
	stolen.PublicKey = withKey(a).Public()
	for name, offer := range map[string]protocol.KeyOffer{
		"another's proof": stolen, "no proof": {OrderID: order, PublicKey: next.Public()}, "no key": {OrderID: order}, "another order": offerOf(next, uuid.NewString()),
	} {
		if status, text := f.offer(a, offer); status != http.StatusForbidden && status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, _ := f.offer(next, offerOf(next, order)); status != http.StatusForbidden {
		t.Errorf("signed by the offered key itself: %d", status)
	}
	if status, text := f.offer(a, offerOf(next, order)); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	if status, _ := f.offer(a, offerOf(withKey(a), order)); status != http.StatusForbidden {
		t.Errorf("a second key for one order: %d", status)
	}
	f.around.mu.Lock()
	defer f.around.mu.Unlock()
	if len(f.around.findings) != 1 || f.around.findings[0].Kind != "clone" {
		t.Errorf("two keys for one order raise %+v", f.around.findings)
	}
}

func TestKeysThatAreTooOldAreReplaced(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	orders := f.rekeying()
	old, young := f.enroll(), f.enroll()
	err := f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE agents SET enrolled_at = now() - interval '366 days' WHERE tenant_id = $1 AND public_id = $2`, f.scope.Tenant, old.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // looking again orders nothing again
		if err := f.agents.OrderDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(orders) != 1 {
		t.Errorf("%d agents were told", len(orders))
	}
	identity, err := f.agents.Identify(t.Context(), old.ID)
	if err != nil {
		t.Fatal(err)
	}
	told := <-orders
	if r, err := f.agents.Rekeying(t.Context(), identity); err != nil || r == nil || *r != told {
		t.Errorf("one that was away is told %v, %v", r, err)
	}
	if identity, err = f.agents.Identify(t.Context(), young.ID); err != nil {
		t.Fatal(err)
	}
	if r, err := f.agents.Rekeying(t.Context(), identity); err != nil || r != nil {
		t.Errorf("a young key: %v, %v", r, err)
	}
}
