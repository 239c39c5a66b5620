package agents_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type authority struct{ root ed25519.PrivateKey }

func (a authority) CA() []byte                 { return []byte("certificate authority") }
func (a authority) RootKey() ed25519.PublicKey { return a.root.Public().(ed25519.PublicKey) }
func (a authority) ConfigCertificate(_ context.Context, tenant uuid.UUID) (protocol.Signed, error) {
	return protocol.Sign(a.root, protocol.PurposeKeyCertificate, protocol.KeyCertificate{TenantID: tenant.String()})
}

// raised keeps findings. A transaction that is repeated raises again, so they are kept by what they are about.
type raised struct {
	mu    sync.Mutex
	found map[string]agents.Finding
}

func (r *raised) RaiseAgent(_ context.Context, _ *postgres.Tx, f agents.Finding) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found[f.Kind+" "+f.AgentID.String()+" "+f.Subject] = f
	return nil
}

func (r *raised) kinds() (kinds []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.found {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

type fleet struct {
	t        *testing.T
	db       *postgres.DB
	bus      *bus.Bus
	scope    access.Scope
	findings *raised
	service  *agents.Service

	mu  sync.Mutex
	now time.Time
}

func (f *fleet) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fleet) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t), findings: &raised{found: map[string]agents.Finding{}}, now: time.Now()}
	f.scope = pgtest.Tenant(t, f.db, "Acme")
	var err error
	if f.bus, err = bus.Open(bus.Config{Installation: f.db.Installation()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.bus.Close)
	f.service = f.another()
	return f
}

// another is a second server on the same database.
func (f *fleet) another() *agents.Service {
	_, root, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return agents.New(agents.Config{DB: f.db, Bus: f.bus, Authority: authority{root}, Findings: f.findings, Enrolled: rows.AgentsEnrolled, Now: f.clock})
}

func (f *fleet) secret(draft agents.SecretDraft) (agents.Secret, string) {
	f.t.Helper()
	secret, token, err := f.service.CreateSecret(f.t.Context(), f.scope, draft)
	if err != nil {
		f.t.Fatal(err)
	}
	return secret, token
}

func (f *fleet) request(token string) protocol.EnrollRequest {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	r := protocol.EnrollRequest{Secret: token, PublicKey: public, Timestamp: f.clock().UTC(), Facts: protocol.Facts{Hostname: "host", Platform: "linux"}}
	r.Proof = ed25519.Sign(private, protocol.SigningBytes(protocol.PurposeEnroll, protocol.EnrollProof(token, public, r.Timestamp.Format(time.RFC3339Nano))))
	return r
}

func (f *fleet) enroll(r protocol.EnrollRequest) uuid.UUID {
	f.t.Helper()
	answer, err := f.service.Enroll(f.t.Context(), "192.0.2.1", r)
	if err != nil {
		f.t.Fatal(err)
	}
	return uuid.MustParse(answer.AgentID)
}

func codeOf(err error) string {
	var refused *protocol.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return fmt.Sprint(err)
}

func TestEnrolMakesAnAgent(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	secret, token := f.secret(agents.SecretDraft{Tags: []string{"lab"}})
	answer, err := f.service.Enroll(t.Context(), "192.0.2.1", f.request(token))
	if err != nil {
		t.Fatal(err)
	}
	if answer.TenantID != f.scope.TenantID.String() || answer.FleetID != f.db.Installation().String() || answer.State != "active" {
		t.Errorf("%+v", answer)
	}
	id := uuid.MustParse(answer.AgentID)
	agent, _, err := f.service.Find(t.Context(), f.scope, id)
	if err != nil || len(agent.Tags) != 1 || agent.Status != agents.StatusOffline && agent.Status != agents.StatusOnline {
		t.Errorf("%+v: %v", agent, err)
	}
	identity, err := f.service.Identify(t.Context(), id)
	if err != nil || identity.Tenant != f.scope.Tenant || identity.TenantID != f.scope.TenantID || identity.Platform != "linux" {
		t.Errorf("%+v: %v", identity, err)
	}
	listed, err := f.service.ListSecrets(t.Context(), f.scope, nil, 10)
	if err != nil || len(listed) != 1 || listed[0].Uses != 1 || listed[0].MaxUses != 100 || listed[0].ExpiresAt.Sub(listed[0].CreatedAt) != 24*time.Hour {
		t.Errorf("%+v: %v", listed, err)
	}
	var stored string
	err = f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT s::text FROM enroll_secrets s WHERE id = $1`, secret.ID).Scan(&stored)
	})
	parsed, _ := protocol.ParseEnrollSecret(token)
	if err != nil || strings.Contains(stored, token) || strings.Contains(stored, fmt.Sprintf("%x", parsed.Secret)) {
		t.Errorf("the database holds the secret: %s: %v", stored, err)
	}
}

// S18: every secret that does not hold gets the same answer.
func TestSecretsThatDoNotHoldAreRefusedAlike(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, used := f.secret(agents.SecretDraft{MaxUses: 1})
	f.enroll(f.request(used))
	gone, deleted := f.secret(agents.SecretDraft{})
	if err := f.service.DeleteSecret(t.Context(), f.scope, gone.ID); err != nil {
		t.Fatal(err)
	}
	_, good := f.secret(agents.SecretDraft{})
	guessed := protocol.NewEnrollSecret([32]byte{}, [32]byte{}).String()
	var texts []string
	for name, token := range map[string]string{
		"used up": used, "deleted": deleted, "guessed": guessed, "empty": "", "cut": good[:40], "NUL": good + "\x00", "a mebibyte": "tne_" + strings.Repeat("A", 1<<20),
	} {
		_, err := f.service.Enroll(t.Context(), "192.0.2.1", f.request(token))
		if codeOf(err) != protocol.CodeEnrollRefused {
			t.Errorf("%s: %v", name, err)
			continue
		}
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("answers differ: %q and %q", text, texts[0])
		}
	}
	expired := f.request(good)
	err := f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE enroll_secrets SET expires_at = now() - interval '1 second'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.Enroll(t.Context(), "192.0.2.1", expired); codeOf(err) != protocol.CodeEnrollRefused {
		t.Errorf("expired: %v", err)
	}
	if err := f.service.EnrollUnread(t.Context(), "192.0.2.1"); codeOf(err) != protocol.CodeEnrollRefused || err.Error() != texts[0] {
		t.Errorf("too long to be read: %v", err)
	}
	// Of the time that an answer takes, the look-up is the part that could differ: spent secrets are not found by it.
	for name, token := range map[string]string{"used up": used, "expired": good} {
		parsed, err := protocol.ParseEnrollSecret(token)
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(parsed.Secret[:])
		var found *uuid.UUID
		err = f.db.Lookup(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT secret FROM keeper.enroll_secret($1)`, hash[:]).Scan(&found)
		})
		if err != nil || found != nil {
			t.Errorf("%s: the look-up finds %v, %v", name, found, err)
		}
	}
	// A wrong clock is told to everybody, whatever the secret is.
	for name, token := range map[string]string{"used up": used, "guessed": guessed, "empty": ""} {
		late := f.request(token)
		late.Timestamp = late.Timestamp.Add(-24 * time.Hour)
		if _, err := f.service.Enroll(t.Context(), "192.0.2.1", late); codeOf(err) != protocol.CodeClockSkew {
			t.Errorf("%s with a wrong clock: %v", name, err)
		}
	}
}

func TestUsesAreCountedOnce(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{MaxUses: 5})
	var all sync.WaitGroup
	var mu sync.Mutex
	enrolled := 0
	for range 20 {
		r := f.request(token)
		all.Go(func() {
			_, err := f.service.Enroll(context.Background(), "192.0.2.1", r)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				enrolled++
			} else if codeOf(err) != protocol.CodeEnrollRefused {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if enrolled != 5 {
		t.Errorf("a secret for 5 agents enrolled %d", enrolled)
	}
}

func TestEnrolRefusesWhatDoesNotProve(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	for name, test := range map[string]struct {
		spoil func(*protocol.EnrollRequest)
		code  string
	}{
		"foreign key":  {func(r *protocol.EnrollRequest) { r.PublicKey = f.request(token).PublicKey }, protocol.CodeSignature},
		"no key":       {func(r *protocol.EnrollRequest) { r.PublicKey = nil }, protocol.CodeSignature},
		"no proof":     {func(r *protocol.EnrollRequest) { r.Proof = nil }, protocol.CodeSignature},
		"other time":   {func(r *protocol.EnrollRequest) { r.Timestamp = r.Timestamp.Add(time.Second) }, protocol.CodeSignature},
		"a day behind": {func(r *protocol.EnrollRequest) { r.Timestamp = r.Timestamp.Add(-24 * time.Hour) }, protocol.CodeClockSkew},
		"a day ahead":  {func(r *protocol.EnrollRequest) { r.Timestamp = r.Timestamp.Add(24 * time.Hour) }, protocol.CodeClockSkew},
		"platform":     {func(r *protocol.EnrollRequest) { r.Facts.Platform = "beos" }, protocol.CodeInvalid},
	} {
		r := f.request(token)
		test.spoil(&r)
		if _, err := f.service.Enroll(t.Context(), "192.0.2.1", r); codeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
}

// S17: nobody takes an agent over by its hardware.
func TestSameHardwareIsANewAgentAndAFinding(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	first, second := f.request(token), f.request(token)
	first.HardwareID, second.HardwareID = "serial-1", "serial-1"
	a, b := f.enroll(first), f.enroll(second)
	if a == b {
		t.Error("the second endpoint became the first agent")
	}
	if _, err := f.service.Identify(t.Context(), a); err != nil {
		t.Errorf("the first agent works no longer: %v", err)
	}
	if kinds := f.findings.kinds(); len(kinds) != 1 || kinds[0] != "same_hardware" {
		t.Errorf("findings %v", kinds)
	}
}

func TestHardwareOtherThanEnrolledIsAClone(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	r := f.request(token)
	r.HardwareID = "serial-1"
	identity, err := f.service.Identify(t.Context(), f.enroll(r))
	if err != nil {
		t.Fatal(err)
	}
	for _, hardware := range []string{"serial-1", "", "serial-2", "serial-2"} {
		if err := f.service.Connected(t.Context(), identity, protocol.HelloHeader{HardwareID: hardware}, r.Facts); err != nil {
			t.Fatal(err)
		}
	}
	if kinds := f.findings.kinds(); len(kinds) != 1 || kinds[0] != "clone" {
		t.Errorf("findings %v", kinds)
	}
}

// S16: every server refuses a revoked agent within five seconds.
func TestRevokedAgentIsRefusedEverywhere(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	other := f.another()
	_, token := f.secret(agents.SecretDraft{})
	id := f.enroll(f.request(token))
	if _, err := other.Identify(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 1)
	unsubscribe, err := f.bus.Subscribe("*", agents.BusRevoked, "*", func(m bus.Message) { told <- m.ID })
	if err != nil {
		t.Fatal(err)
	}
	defer unsubscribe()
	if err := f.service.Revoke(t.Context(), f.scope, id); err != nil {
		t.Fatal(err)
	}
	if got := <-told; got != id.String() {
		t.Errorf("the bus tells of %s", got)
	}
	if _, err := f.service.Identify(t.Context(), id); codeOf(err) != protocol.CodeRevoked {
		t.Errorf("here: %v", err)
	}
	f.pass(5 * time.Second)
	if _, err := other.Identify(t.Context(), id); codeOf(err) != protocol.CodeRevoked {
		t.Errorf("elsewhere: %v", err)
	}
	if err := f.service.Revoke(t.Context(), f.scope, id); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("revoked twice: %v", err)
	}
	if err := f.service.Approve(t.Context(), f.scope, id); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("brought back: %v", err)
	}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{NeedsApproval: true})
	id := f.enroll(f.request(token))
	if _, err := f.service.Identify(t.Context(), id); codeOf(err) != protocol.CodePending {
		t.Errorf("before: %v", err)
	}
	if err := f.service.Approve(t.Context(), f.scope, id); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.Identify(t.Context(), id); err != nil {
		t.Errorf("after: %v", err)
	}
}

func TestAnotherTenantSeesAndChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	other := pgtest.Tenant(t, f.db, "Other")
	secret, token := f.secret(agents.SecretDraft{})
	id := f.enroll(f.request(token))
	if found, _, err := f.service.List(t.Context(), other, agents.Filter{Limit: 10}); err != nil || len(found) != 0 {
		t.Errorf("lists %v: %v", found, err)
	}
	if found, err := f.service.ListSecrets(t.Context(), other, nil, 10); err != nil || len(found) != 0 {
		t.Errorf("lists %v: %v", found, err)
	}
	_, _, findErr := f.service.Find(t.Context(), other, id)
	for name, err := range map[string]error{
		"find": findErr, "revoke": f.service.Revoke(t.Context(), other, id), "approve": f.service.Approve(t.Context(), other, id),
		"delete secret": f.service.DeleteSecret(t.Context(), other, secret.ID),
	} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	parent := f.scope
	parent.Tenant, parent.Visible = postgres.RootTenant, []int32{postgres.RootTenant, f.scope.Tenant}
	if err := f.service.Revoke(t.Context(), parent, id); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("revoked from a tenant above: %v", err)
	}
	if _, err := f.service.Identify(t.Context(), id); err != nil {
		t.Errorf("the agent was touched: %v", err)
	}
}

// S5: what an agent says of itself is text, wherever it is used.
func TestClaimsAreStoredAsText(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	payload := "x'); DROP TABLE agents;--\x00\n\x1b[31m"
	r := f.request(token)
	r.Facts = protocol.Facts{Hostname: payload, Platform: "linux", Arch: payload, OSName: payload, OSVersion: payload, Version: strings.Repeat("é", 400)}
	r.HardwareID = payload
	id := f.enroll(r)
	found, _, err := f.service.List(t.Context(), f.scope, agents.Filter{Query: "x'); DROP", Limit: 10})
	if err != nil || len(found) != 1 || found[0].ID != id {
		t.Fatalf("%v: %v", found, err)
	}
	if want := "x'); DROP TABLE agents;--\uFFFD\uFFFD\uFFFD[31m"; found[0].Facts.Hostname != want {
		t.Errorf("host name %q, want %q", found[0].Facts.Hostname, want)
	}
	if n := len(found[0].Facts.Version); n > 255 {
		t.Errorf("the version has %d bytes", n)
	}
}

func TestHeartbeatsAndSilence(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	id := f.enroll(f.request(token))
	identity, err := f.service.Identify(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan bus.Message, 10)
	unsubscribe, err := f.bus.Subscribe("*", bus.KindEvent, "*", func(m bus.Message) { events <- m })
	if err != nil {
		t.Fatal(err)
	}
	defer unsubscribe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.service.Run(ctx) }()
	f.service.Seen(identity, &protocol.HeartbeatHeader{RSSBytes: 7, SpoolBatches: 3}, 5)
	f.service.Seen(identity, nil, 6)
	if m := <-events; m.ID != id.String() || !strings.Contains(string(m.Body), `"online"`) {
		t.Errorf("%s", m.Body)
	}
	agent, _, err := f.service.Find(t.Context(), f.scope, id)
	if err != nil || agent.Status != agents.StatusOnline || agent.Health.RSSBytes != 7 || agent.Health.SpoolBatches != 3 || agent.Health.ConfigVersion != 6 {
		t.Errorf("%+v: %v", agent, err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	f.pass(2 * agents.OnlineFor)
	went, err := f.service.Silent(t.Context())
	if err != nil || went != 1 {
		t.Errorf("%d agents fell silent: %v", went, err)
	}
}

func TestListsPageByHostName(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	_, token := f.secret(agents.SecretDraft{})
	for i := range 5 {
		r := f.request(token)
		r.Facts.Hostname = fmt.Sprintf("host-%d", i/2)
		f.enroll(r)
	}
	seen := map[uuid.UUID]bool{}
	filter := agents.Filter{Limit: 2, Platform: "linux"}
	for {
		found, _, err := f.service.List(t.Context(), f.scope, filter)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range found {
			seen[a.ID] = true
			filter.After = agents.Place{Hostname: a.Facts.Hostname, ID: a.ID}
		}
		if len(found) < 2 {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("pages show %d agents", len(seen))
	}
	if found, _, err := f.service.List(t.Context(), f.scope, agents.Filter{Limit: 2, Platform: "darwin"}); err != nil || len(found) != 0 {
		t.Errorf("%v: %v", found, err)
	}
}

func (f *fleet) enrolled(name string) uuid.UUID {
	f.t.Helper()
	_, token := f.secret(agents.SecretDraft{Tags: []string{"new"}})
	r := f.request(token)
	r.Facts.Hostname = name
	return f.enroll(r)
}

func TestTagsAreReplacedAndFound(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	id := f.enrolled("web")
	f.enrolled("mail")
	if err := f.service.SetTags(t.Context(), f.scope, id, []string{"prod", "eu", "prod"}); err != nil {
		t.Fatal(err)
	}
	found, _, err := f.service.List(t.Context(), f.scope, agents.Filter{Tag: "prod", Limit: 10})
	if err != nil || len(found) != 1 || strings.Join(found[0].Tags, " ") != "eu prod" {
		t.Errorf("%+v, %v", found, err)
	}
	stranger := pgtest.Tenant(t, f.db, "globex")
	if err := f.service.SetTags(t.Context(), stranger, id, nil); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger tags it: %v", err)
	}
	if err := f.service.SetTags(t.Context(), f.scope, id, []string{"a\nb"}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a tag of two lines: %v", err)
	}
}

func TestADecommissionedAgentIsInNoList(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	id := f.enrolled("web")
	if err := f.service.Decommission(t.Context(), f.scope, id); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.Identify(t.Context(), id); err == nil {
		t.Error("it is still known by its key")
	}
	found, _, err := f.service.List(t.Context(), f.scope, agents.Filter{Limit: 10})
	if err != nil || len(found) != 0 {
		t.Errorf("the list has %+v, %v", found, err)
	}
	found, _, err = f.service.List(t.Context(), f.scope, agents.Filter{Status: agents.StatusDecommissioned, Limit: 10})
	if err != nil || len(found) != 1 {
		t.Errorf("asked for, the list has %+v, %v", found, err)
	}
	if err := f.service.Decommission(t.Context(), f.scope, id); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
}

// What an agent reports is kept for people, cleaned; another tenant sees nothing of it.
func TestReportsAreKept(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	id := f.enrolled("web")
	identity, err := f.service.Identify(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.service.Run(ctx) }()
	f.service.Noted(ctx, identity, protocol.Log{At: time.Now(), Severity: "error", Code: "spool_full", Message: "no\nroom", Facts: map[string]string{"collection": "x\x00"}})
	f.service.Noted(ctx, identity, protocol.Log{At: time.Time{}, Severity: "strange", Code: "query_backed_off", Message: "slow"})
	cancel() // what waits is written
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	lines, err := f.service.Lines(t.Context(), f.scope, id, agents.LineFilter{Limit: 10})
	if err != nil || len(lines) != 2 {
		t.Fatalf("%+v, %v", lines, err)
	}
	if l := lines[1]; l.Severity != "error" || l.Code != "spool_full" || strings.ContainsAny(l.Message+l.Facts["collection"], "\n\x00") || l.Hostname != "web" {
		t.Errorf("%+v", l)
	}
	if lines[0].Severity != "info" || lines[0].ToldAt.Year() < 2000 {
		t.Errorf("%+v", lines[0])
	}
	lines, err = f.service.Lines(t.Context(), f.scope, uuid.Nil, agents.LineFilter{Severity: "error", Limit: 10})
	if err != nil || len(lines) != 1 {
		t.Errorf("errors: %+v, %v", lines, err)
	}
	stranger := pgtest.Tenant(t, f.db, "globex")
	if _, err := f.service.Lines(t.Context(), stranger, id, agents.LineFilter{Limit: 10}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger reads: %v", err)
	}
	if lines, err = f.service.Lines(t.Context(), stranger, uuid.Nil, agents.LineFilter{Limit: 10}); err != nil || len(lines) != 0 {
		t.Errorf("a stranger reads %+v, %v", lines, err)
	}
}
