package agents_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// outcomes are how some enrolments ended: how many let in, and refused by code.
type outcomes map[string]int

// enrolAll sends all requests at once, each from an address of its own, and waits for their ends.
func (f *fleet) enrolAll(requests []protocol.EnrollRequest) ([]string, outcomes) {
	f.t.Helper()
	var all sync.WaitGroup
	codes := make([]string, len(requests))
	for i, r := range requests {
		all.Go(func() {
			codes[i] = "in"
			if _, err := f.service.Enroll(context.Background(), fmt.Sprintf("192.0.2.%d", i), r); err != nil {
				codes[i] = codeOf(err)
			}
		})
	}
	all.Wait()
	ends := outcomes{}
	for _, code := range codes {
		ends[code]++
	}
	return codes, ends
}

func (f *fleet) requests(token string, n int) (all []protocol.EnrollRequest) {
	for i := range n {
		r := f.request(token)
		r.Facts.Hostname, r.HardwareID = fmt.Sprintf("host-%d", i), uuid.NewString()
		all = append(all, r)
	}
	return all
}

// stored gives the uses of a tenant's secrets and the number of its agents, and holds that its audit tells of each.
func (f *fleet) stored(scope access.Scope) (uses, agents int) {
	f.t.Helper()
	err := f.db.InScope(f.t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		var told int
		const text = `SELECT (SELECT coalesce(sum(uses), 0) FROM enroll_secrets), (SELECT count(*) FROM agents a JOIN agent_presence USING (tenant_id) JOIN agent_cursors c USING (tenant_id)
		   WHERE agent_presence.agent_id = a.id AND c.agent_id = a.id),
		   (SELECT count(*) FROM audit_entries e JOIN agents a ON e.object = 'agent:' || a.public_id AND e.actor_id = a.public_id AND e.actor_name = a.hostname WHERE e.action = 'agents.enroll')`
		if err := tx.QueryRow(ctx, text).Scan(&uses, &agents, &told); err != nil {
			return err
		}
		if told != agents {
			f.t.Errorf("the audit tells of %d of %d enrolments", told, agents)
		}
		verdict, err := audit.Verify(ctx, tx, nil)
		if !verdict.OK {
			f.t.Errorf("the audit chain: %+v", verdict)
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return uses, agents
}

// A secret for N agents that 3 N ask with at once, on two servers, lets in exactly N; those that have another secret are not
// touched by it.
func TestALimitHoldsAmongManyAtOnce(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	const most = 7
	_, few := f.secret(agents.SecretDraft{MaxUses: most, Tags: []string{"few"}})
	_, wait := f.secret(agents.SecretDraft{MaxUses: 100, NeedsApproval: true})
	requests := slices.Concat(f.requests(few, 3*most), f.requests(wait, 5))
	other := f.another()
	var all sync.WaitGroup
	var mu sync.Mutex
	ends := outcomes{}
	for i, r := range requests {
		server := f.service
		if i%2 == 1 {
			server = other
		}
		all.Go(func() {
			answer, err := server.Enroll(context.Background(), "192.0.2.1", r)
			code := codeOf(err)
			if err == nil {
				code = answer.State
			}
			mu.Lock()
			defer mu.Unlock()
			ends[code]++
		})
	}
	all.Wait()
	if ends["active"] != most || ends["pending"] != 5 || ends[protocol.CodeEnrollRefused] != 2*most {
		t.Errorf("%v", ends)
	}
	if uses, made := f.stored(f.scope); uses != most+5 || made != most+5 {
		t.Errorf("%d uses, %d agents", uses, made)
	}
	tagged, _, err := f.service.List(t.Context(), f.scope, agents.Filter{Tag: "few", Limit: 100})
	if err != nil || len(tagged) != most {
		t.Errorf("%d have the secret's tag: %v", len(tagged), err)
	}
}

// Secrets that do not hold are refused among those that do, and cost them nothing.
func TestRefusalsAmongTheValidSpoilNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, good := f.secret(agents.SecretDraft{})
	expired, late := f.secret(agents.SecretDraft{})
	gone, deleted := f.secret(agents.SecretDraft{})
	if err := f.service.DeleteSecret(t.Context(), f.scope, gone.ID); err != nil {
		t.Fatal(err)
	}
	err := f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE enroll_secrets SET expires_at = now() - interval '1 second' WHERE id = $1`, expired.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var requests []protocol.EnrollRequest
	var want []string
	for range 6 {
		for token, code := range map[string]string{good: "in", late: protocol.CodeEnrollRefused, deleted: protocol.CodeEnrollRefused} {
			requests, want = append(requests, f.request(token)), append(want, code)
		}
	}
	codes, _ := f.enrolAll(requests)
	if !slices.Equal(codes, want) {
		t.Errorf("got %v, want %v", codes, want)
	}
	if uses, made := f.stored(f.scope); uses != 6 || made != 6 {
		t.Errorf("%d uses, %d agents", uses, made)
	}
}

// One whose enrolment the database refuses fails alone: its group is halved until it is found.
func TestOneThatCannotBeStoredFailsAlone(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	var all sync.WaitGroup
	failed := make([]error, 20)
	for i := range failed {
		all.Go(func() {
			also := func(pipe *pgx.Batch, _ time.Time, _, _ int32) {
				if i == 7 {
					pipe.Queue(`SELECT 'x'::text::int`)
				}
			}
			_, failed[i] = f.service.Admit(context.Background(), "192.0.2.1", agents.Foreign{Secret: token, Facts: protocol.Facts{Platform: "linux"}, Enrolled: also})
		})
	}
	all.Wait()
	for i, err := range failed {
		if (err != nil) != (i == 7) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if uses, made := f.stored(f.scope); uses != 19 || made != 19 {
		t.Errorf("%d uses, %d agents", uses, made)
	}
}

// places has so many left for a tenant; others have no limit.
type places struct {
	tenant int32
	left   int
}

func (p *places) Take(tenant int32) error {
	if tenant != p.tenant {
		return nil
	}
	if p.left--; p.left < 0 {
		return fault.New(fault.LimitReached, "the plan is full")
	}
	return nil
}

// A plan's last places go to as many as there are; the refused use up nothing, and another tenant does not notice.
func TestAFullPlanRefusesItsTenantAlone(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	other := pgtest.Tenant(t, f.db, "Globex")
	f.service.Room = func(_ context.Context, tx *postgres.Tx, _ []int32) (agents.Places, error) {
		p := &places{tenant: f.scope.Tenant}
		if err := tx.Lock(t.Context(), postgres.Counting, p.tenant); err != nil {
			return nil, err
		}
		err := tx.QueryRow(t.Context(), `SELECT 3 - count(*) FROM agents WHERE tenant_id = $1`, p.tenant).Scan(&p.left)
		return p, err
	}
	_, mine := f.secret(agents.SecretDraft{})
	_, theirs, err := f.service.CreateSecret(t.Context(), other, agents.SecretDraft{})
	if err != nil {
		t.Fatal(err)
	}
	_, ends := f.enrolAll(slices.Concat(f.requests(mine, 8), f.requests(theirs, 8)))
	if ends["in"] != 11 || ends[protocol.CodeEnrollRefused] != 5 {
		t.Errorf("%v", ends)
	}
	if uses, made := f.stored(f.scope); uses != 3 || made != 3 {
		t.Errorf("%d uses, %d agents", uses, made)
	}
	if uses, made := f.stored(other); uses != 8 || made != 8 {
		t.Errorf("the other tenant: %d uses, %d agents", uses, made)
	}
}

// Two that come at once on one machine: one of them is told of, once.
func TestTwinsInOneGroupAreOneFinding(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	requests := f.requests(token, 12)
	requests[3].HardwareID, requests[8].HardwareID = "serial-1", "serial-1"
	if _, ends := f.enrolAll(requests); ends["in"] != 12 {
		t.Errorf("%v", ends)
	}
	if kinds := f.findings.kinds(); len(kinds) != 1 || kinds[0] != "same_hardware" {
		t.Errorf("findings %v", kinds)
	}
}

// Who goes away before its turn uses nothing up.
func TestWhoGoesAwayUsesNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	held := make(chan struct{})
	release := make(chan struct{})
	hold := func(*pgx.Batch, time.Time, int32, int32) {
		select {
		case <-held: // a repetition of the transaction
		default:
			close(held)
			<-release
		}
	}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := f.service.Admit(context.Background(), "192.0.2.1", agents.Foreign{Secret: token, Facts: protocol.Facts{Platform: "linux"}, Enrolled: hold}); err != nil {
			t.Error(err)
		}
	})
	<-held // the first group is being written
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := f.service.Enroll(ctx, "192.0.2.2", f.request(token))
		ended <- err
	}()
	deadline := time.Now().Add(time.Minute)
	for agents.Waiting(f.service, f.scope.Tenant) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("nobody waits")
		}
		<-time.After(time.Millisecond)
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("enrolled although it went away")
	}
	close(release)
	all.Wait()
	f.enroll(f.request(token)) // comes after the one that went
	if uses, made := f.stored(f.scope); uses != 2 || made != 2 {
		t.Errorf("%d uses, %d agents", uses, made)
	}
}

// S18: a flood of guesses meets the same refusal in the same look-ups as everybody, and those with a secret get in beside it.
func TestGuessesBesideTheValid(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	requests := f.requests(token, 10)
	for range 200 {
		requests = append(requests, f.request(protocol.NewEnrollSecret([32]byte{}, [32]byte{}).String()))
	}
	if _, ends := f.enrolAll(requests); ends["in"] != 10 || ends[protocol.CodeEnrollRefused] != 200 {
		t.Errorf("%v", ends)
	}
	if _, err := f.service.Enroll(t.Context(), "192.0.2.1", protocol.EnrollRequest{Secret: token, PublicKey: make(ed25519.PublicKey, 31), Timestamp: f.clock()}); codeOf(err) != protocol.CodeSignature {
		t.Error(err)
	}
}
