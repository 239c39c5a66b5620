package gateway_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/gateway"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const ports = "pack:net/ports"

// surroundings certifies and signs with one key, and stands for the configuration, live queries and findings.
type surroundings struct {
	root ed25519.PrivateKey

	mu       sync.Mutex
	config   protocol.Config
	version  int64
	answers  []protocol.AnswerHeader
	findings []agents.Finding
}

func (a *surroundings) CA() []byte                 { return []byte("certificate authority") }
func (a *surroundings) RootKey() ed25519.PublicKey { return a.root.Public().(ed25519.PublicKey) }
func (a *surroundings) ConfigCertificate(_ context.Context, tenant uuid.UUID) (protocol.Signed, error) {
	return protocol.Sign(a.root, protocol.PurposeKeyCertificate, protocol.KeyCertificate{TenantID: tenant.String()})
}

func (a *surroundings) SignCommand(_ context.Context, tenant uuid.UUID, agent string, kind protocol.CommandKind, version int64, body any, _ time.Duration) (protocol.Command, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return protocol.Command{}, err
	}
	header, err := protocol.Sign(a.root, protocol.PurposeCommand, protocol.CommandHeader{Kind: kind, TenantID: tenant.String(), AgentID: agent, Version: version})
	return protocol.Command{Header: header, Body: text}, err
}

func (a *surroundings) Config(context.Context, agents.Identity) (protocol.Config, int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config, a.version, nil
}

func (a *surroundings) Changed(uuid.UUID) {}

func (a *surroundings) TakeAnswer(_ context.Context, _ agents.Identity, header protocol.AnswerHeader, _ [][]tables.Value) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers = append(a.answers, header)
	return nil
}

func (a *surroundings) RaiseAgent(_ context.Context, _ *postgres.Tx, f agents.Finding) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.findings = append(a.findings, f)
	return nil
}

type nobody struct{}

func (nobody) Authenticate(context.Context, string, string, bool, string) (httpapi.Caller, error) {
	return httpapi.Caller{}, errors.New("nobody signs in here")
}
func (nobody) Alive(context.Context, access.Scope) error { return nil }

type fleet struct {
	t       *testing.T
	db      *postgres.DB
	bus     *bus.Bus
	scope   access.Scope
	around  *surroundings
	agents  *agents.Service
	gateway *gateway.Gateway
	url     string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t), around: &surroundings{version: 7, config: protocol.Config{HeartbeatSeconds: 30}}}
	_, f.around.root, _ = ed25519.GenerateKey(nil)
	f.scope = pgtest.Tenant(t, f.db, "Acme")
	err := f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := rows.EnsureCollections(ctx, tx, []string{ports})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if f.bus, err = bus.Open(bus.Config{Installation: f.db.Installation()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.bus.Close)
	f.agents = agents.New(agents.Config{DB: f.db, Bus: f.bus, Authority: f.around, Findings: f.around, Enrolled: rows.AgentsEnrolled})
	f.gateway, f.url = f.server()
	return f
}

// server starts a server on the fleet's database and bus.
func (f *fleet) server(limits ...gateway.Limits) (*gateway.Gateway, string) {
	f.t.Helper()
	store := rows.NewStore(rows.Config{DB: f.db, MaxDelay: time.Millisecond})
	config := gateway.Config{DB: f.db, Bus: f.bus, Agents: f.agents, Rows: store, Configs: f.around, Answers: f.around, Signer: f.around}
	for _, l := range limits {
		config.Limits = l
	}
	g := gateway.New(config)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { store.Run(ctx) })
	all.Go(func() { g.Run(ctx) })
	api := httpapi.New(httpapi.Config{Auth: nobody{}})
	g.Routes(api)
	server := httptest.NewServer(api.Handler())
	f.t.Cleanup(func() {
		cancel()
		all.Wait()
		server.Close()
	})
	return g, server.URL
}

// enroll enrols through the API.
func (f *fleet) enroll() *rowstest.Agent {
	f.t.Helper()
	_, token, err := f.agents.CreateSecret(f.t.Context(), f.scope, agents.SecretDraft{})
	if err != nil {
		f.t.Fatal(err)
	}
	a := rowstest.NewAgent(f.scope.TenantID, uuid.Nil)
	at := time.Now().UTC()
	proof := protocol.SigningBytes(protocol.PurposeEnroll, protocol.EnrollProof(token, a.Public(), at.Format(time.RFC3339Nano)))
	body, _ := json.Marshal(protocol.EnrollRequest{Secret: token, PublicKey: a.Public(), Proof: ed25519.Sign(a.Key, proof), Timestamp: at,
		HardwareID: "serial", Facts: protocol.Facts{Hostname: "host", Platform: "linux"}})
	response, err := http.Post(f.url+"/agent/enroll", "application/json", strings.NewReader(string(body)))
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer protocol.EnrollResponse
	text, _ := io.ReadAll(response.Body)
	if err := json.Unmarshal(text, &answer); err != nil || response.StatusCode != http.StatusOK {
		f.t.Fatalf("%d %s", response.StatusCode, text)
	}
	a.ID = uuid.MustParse(answer.AgentID)
	return a
}

// wire is an agent's end of a connection.
type wire struct {
	t     *testing.T
	conn  *websocket.Conn
	agent *rowstest.Agent
}

// dial connects and gives the challenge.
func (f *fleet) dial(a *rowstest.Agent, url string) (*wire, protocol.Challenge) {
	f.t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/agent/connect", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	response.Body.Close()
	w := &wire{f.t, conn, a}
	f.t.Cleanup(func() { conn.Close() })
	var challenge protocol.Challenge
	w.expect(protocol.TypeChallenge, &challenge)
	return w, challenge
}

func (f *fleet) hello(a *rowstest.Agent, challenge protocol.Challenge) protocol.HelloHeader {
	return protocol.HelloHeader{Nonce: challenge.Nonce, FleetID: challenge.FleetID, TenantID: f.scope.TenantID.String(), AgentID: a.ID.String(),
		Timestamp: time.Now().UTC(), InstanceID: "first", HardwareID: "serial", ConfigVersion: 7}
}

// connect opens a session whose agent has the newest configuration.
func (f *fleet) connect(a *rowstest.Agent, url string, set ...func(*protocol.HelloHeader)) *wire {
	f.t.Helper()
	w, challenge := f.dial(a, url)
	header := f.hello(a, challenge)
	for _, set := range set {
		set(&header)
	}
	w.greet(header)
	var welcome protocol.Welcome
	w.expect(protocol.TypeWelcome, &welcome)
	return w
}

func (w *wire) greet(header protocol.HelloHeader) {
	w.t.Helper()
	session, err := protocol.Sign(w.agent.Key, protocol.PurposeHello, header)
	if err != nil {
		w.t.Fatal(err)
	}
	w.send(protocol.TypeHello, protocol.Hello{Session: session, Facts: protocol.Facts{Hostname: "host", Platform: "linux"}})
}

func (w *wire) send(kind protocol.Type, body any) {
	w.t.Helper()
	packed, err := frame.Encode(kind, "x", body)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.conn.WriteMessage(websocket.BinaryMessage, packed); err != nil {
		w.t.Fatal(err)
	}
}

// next gives the next message, or the error with which the connection ends.
func (w *wire) next() (protocol.Envelope, error) {
	w.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, packed, err := w.conn.ReadMessage()
	if err != nil {
		return protocol.Envelope{}, err
	}
	return frame.Decode(packed)
}

func (w *wire) expect(kind protocol.Type, body any) {
	w.t.Helper()
	envelope, err := w.next()
	if err != nil || envelope.Type != kind {
		w.t.Fatalf("got %s %s (%v), want %s", envelope.Type, envelope.Body, err, kind)
	}
	if err := protocol.Decode(envelope.Body, body); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) expectError(code string) {
	w.t.Helper()
	var e protocol.Error
	w.expect(protocol.TypeError, &e)
	if e.Code != code || e.Message == "" {
		w.t.Fatalf("refused with %+v, want code %s", e, code)
	}
}

func (w *wire) expectEnd() {
	w.t.Helper()
	for {
		if _, err := w.next(); err != nil {
			var timeout interface{ Timeout() bool }
			if errors.As(err, &timeout) && timeout.Timeout() {
				w.t.Fatal("the connection stays open")
			}
			return
		}
	}
}

// command gives the kind and body of the next command.
func (w *wire) command() (header protocol.CommandHeader, body string) {
	w.t.Helper()
	var c protocol.Command
	w.expect(protocol.TypeCommand, &c)
	if err := c.Header.Peek(&header); err != nil {
		w.t.Fatal(err)
	}
	return header, string(c.Body)
}

func (w *wire) batch(d rowstest.Draft) {
	w.t.Helper()
	w.send(protocol.TypeBatch, json.RawMessage(w.agent.Sign(w.t, d)))
}

func (w *wire) heartbeat(version int64) {
	w.t.Helper()
	w.send(protocol.TypeHeartbeat, heartbeatOf(w.t, w.agent, version))
}

func heartbeatOf(t *testing.T, a *rowstest.Agent, version int64) protocol.Heartbeat {
	t.Helper()
	header, err := protocol.Sign(a.Key, protocol.PurposeHeartbeat, protocol.HeartbeatHeader{TenantID: a.TenantID.String(), AgentID: a.ID.String(),
		Timestamp: time.Now().UTC(), ConfigVersion: version, RSSBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	return protocol.Heartbeat{Header: header}
}

var columns = []string{"name"}

func TestBatchesAreAcknowledgedAfterTheirCommit(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	w := f.connect(a, f.url)
	w.batch(a.Differential(ports, columns, rowstest.Text([]string{"a"})))
	w.batch(a.Differential(ports, columns, rowstest.Text([]string{"b"})))
	for sequence := int64(1); sequence <= 2; sequence++ {
		var ack protocol.Ack
		w.expect(protocol.TypeAck, &ack)
		if ack.Sequence != sequence || ack.Refused != nil {
			t.Errorf("%+v", ack)
		}
	}
	var stored int
	err := f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM agent_rows`).Scan(&stored)
	})
	if err != nil || stored != 1 {
		t.Errorf("%d rows: %v", stored, err)
	}
	again, challenge := f.dial(a, f.url)
	again.greet(f.hello(a, challenge))
	var welcome protocol.Welcome
	again.expect(protocol.TypeWelcome, &welcome)
	if welcome.LastSequence != 2 {
		t.Errorf("%+v", welcome)
	}
}

func TestRefusedBatchIsAcknowledgedAndOthersFlow(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	w := f.connect(a, f.url)
	for name, spoil := range map[string]func(*protocol.BatchHeader){
		protocol.CodeForeignIdentity: func(h *protocol.BatchHeader) { h.AgentID = uuid.NewString() },
		protocol.CodeClockSkew:       func(h *protocol.BatchHeader) { h.Timestamp = time.Now().Add(24 * time.Hour) },
		protocol.CodeInvalid:         func(h *protocol.BatchHeader) { h.Collection = "pack:not/asked-for" },
	} {
		d := a.Snapshot(ports, columns, rowstest.Text([]string{"x"}))
		spoil(&d.Header)
		w.batch(d)
		var ack protocol.Ack
		w.expect(protocol.TypeAck, &ack)
		if ack.Sequence != d.Header.Sequence || ack.Refused == nil || ack.Refused.Code != name {
			t.Errorf("%s: %+v", name, ack)
		}
	}
	w.batch(a.Snapshot(ports, columns, rowstest.Text([]string{"y"})))
	var ack protocol.Ack
	if w.expect(protocol.TypeAck, &ack); ack.Refused != nil {
		t.Errorf("a good batch after refused ones: %+v", ack)
	}
}

func TestGapBringsAResyncAndReuseAClone(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	w := f.connect(a, f.url)
	w.batch(a.Differential(ports, columns, rowstest.Text([]string{"a"})))
	var ack protocol.Ack
	w.expect(protocol.TypeAck, &ack)
	a.Differential(ports, columns, rowstest.Text([]string{"lost"}))
	w.batch(a.Differential(ports, columns, rowstest.Text([]string{"b"})))
	if w.expect(protocol.TypeAck, &ack); ack.Refused == nil || ack.Refused.Code != protocol.CodeGap {
		t.Errorf("%+v", ack)
	}
	if header, body := w.command(); header.Kind != protocol.CommandResync || !strings.Contains(body, ports) {
		t.Errorf("%+v %s", header, body)
	}
	reused := a.Snapshot(ports, columns, rowstest.Text([]string{"other"}))
	reused.Header.Sequence = 3
	w.batch(reused)
	if w.expect(protocol.TypeAck, &ack); ack.Refused == nil || ack.Refused.Code != protocol.CodeSequenceReuse {
		t.Errorf("%+v", ack)
	}
	eventually(t, "a clone is reported", func() bool {
		f.around.mu.Lock()
		defer f.around.mu.Unlock()
		return len(f.around.findings) == 1 && f.around.findings[0].Kind == "clone"
	})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not in time: %s", what)
}

// S14, S15: who connects is told by the key and by nothing else.
func TestHelloIsRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, other := f.enroll(), f.enroll()
	old := f.hello(a, protocol.Challenge{Nonce: make([]byte, 32), FleetID: f.db.Installation().String()})
	for name, test := range map[string]struct {
		spoil func(*protocol.HelloHeader)
		code  string
	}{
		"old nonce":      {func(h *protocol.HelloHeader) { h.Nonce = old.Nonce }, protocol.CodeSignature},
		"no nonce":       {func(h *protocol.HelloHeader) { h.Nonce = nil }, protocol.CodeSignature},
		"another fleet":  {func(h *protocol.HelloHeader) { h.FleetID = uuid.NewString() }, protocol.CodeSignature},
		"another agent":  {func(h *protocol.HelloHeader) { h.AgentID = other.ID.String() }, protocol.CodeSignature},
		"another tenant": {func(h *protocol.HelloHeader) { h.TenantID = uuid.NewString() }, protocol.CodeForeignIdentity},
		"unknown agent":  {func(h *protocol.HelloHeader) { h.AgentID = uuid.NewString() }, protocol.CodeUnknownAgent},
		"no agent":       {func(h *protocol.HelloHeader) { h.AgentID = "" }, protocol.CodeUnknownAgent},
		"a day behind":   {func(h *protocol.HelloHeader) { h.Timestamp = h.Timestamp.Add(-24 * time.Hour) }, protocol.CodeClockSkew},
		"no time":        {func(h *protocol.HelloHeader) { h.Timestamp = time.Time{} }, protocol.CodeClockSkew},
	} {
		w, challenge := f.dial(a, f.url)
		header := f.hello(a, challenge)
		test.spoil(&header)
		w.greet(header)
		var e protocol.Error
		if w.expect(protocol.TypeError, &e); e.Code != test.code {
			t.Errorf("%s: %+v, want %s", name, e, test.code)
		}
		if test.code == protocol.CodeClockSkew && e.ServerTime.IsZero() {
			t.Errorf("%s: without the server's time", name)
		}
		w.expectEnd()
	}
	w, _ := f.dial(a, f.url)
	w.heartbeat(7)
	w.expectError(protocol.CodeInvalid)
	w.expectEnd()
}

func TestBrowsersAreRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for _, path := range []string{"/agent/connect", "/api/v1/agent/connect", "/scan/queue"} {
		for name, value := range map[string]string{"Origin": "https://console.example", "Cookie": "a=b"} {
			request, _ := http.NewRequest(http.MethodGet, f.url+path, nil)
			request.Header.Set(name, value)
			for header, text := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
				request.Header.Set(header, text)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode/100 != 4 {
				t.Errorf("%s with %s: %d", path, name, response.StatusCode)
			}
		}
	}
}

// S21: whatever stands in a message, the answer is an error and the connection goes on.
func TestMalformedMessagesAreAnswered(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	w := f.connect(a, f.url)
	sign := func(purpose protocol.Purpose, payload string) string {
		text, _ := json.Marshal(protocol.Signed{Payload: []byte(payload), Signature: ed25519.Sign(a.Key, protocol.SigningBytes(purpose, []byte(payload)))})
		return string(text)
	}
	sent := 0
	for _, kind := range []protocol.Type{protocol.TypeHello, protocol.TypeWelcome, protocol.TypeAck, "fix", "\u202e", protocol.TypeHeartbeat, protocol.TypeBatch, protocol.TypeAnswer, protocol.TypeLog} {
		for _, body := range []string{`null`, `1`, `"x"`, `[]`, `{"header":null}`, `{"x":1}`, `{"header":{"payload":"","signature":""}}`} {
			if kind == protocol.TypeLog && body == `null` {
				continue // a line without anything in it is a line
			}
			w.send(kind, json.RawMessage(body))
			sent++
		}
	}
	for kind, purpose := range map[protocol.Type]protocol.Purpose{protocol.TypeHeartbeat: protocol.PurposeHeartbeat, protocol.TypeBatch: protocol.PurposeBatch, protocol.TypeAnswer: protocol.PurposeAnswer} {
		for _, payload := range []string{`null`, `{}`, `{"agent_id":1}`, `{"timestamp":"yesterday"}`, `NaN`} {
			w.send(kind, json.RawMessage(`{"header":`+sign(purpose, payload)+`}`))
			sent++
		}
	}
	for range sent {
		var e protocol.Error
		w.expect(protocol.TypeError, &e)
		if e.Code == "" || e.Message == "" || e.Code == protocol.CodeBusy || e.Code == protocol.CodeInternal {
			t.Errorf("%+v", e)
		}
	}
	w.batch(a.Snapshot(ports, columns, rowstest.Text([]string{"fine"})))
	var ack protocol.Ack
	w.expect(protocol.TypeAck, &ack)
	nonsense, err := frame.Encode("nonsense", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if w.conn.WriteMessage(websocket.BinaryMessage, nonsense) != nil {
			break // the server has had enough
		}
	}
	w.expectEnd()
}

// S20: what is too large or no message ends the connection.
func TestOversizedAndUnreadableFramesEndTheConnection(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	for name, message := range map[string][]byte{"large": make([]byte, protocol.FrameMax+1), "no zstd": []byte("hello"), "empty": {}} {
		w := f.connect(a, f.url)
		if err := w.conn.WriteMessage(websocket.BinaryMessage, message); err != nil && name != "large" {
			t.Fatal(err)
		}
		w.expectEnd()
	}
	w := f.connect(a, f.url)
	if err := w.conn.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	w.expectEnd()
}

func TestConfigurationIsPushed(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	w := f.connect(a, f.url, func(h *protocol.HelloHeader) { h.ConfigVersion = 0 })
	if header, _ := w.command(); header.Kind != protocol.CommandConfig || header.Version != 7 || header.AgentID != a.ID.String() {
		t.Errorf("%+v", header)
	}
	w.heartbeat(7)
	f.around.mu.Lock()
	f.around.version = 8
	f.around.mu.Unlock()
	if err := f.bus.Publish(t.Context(), f.scope.TenantID, scans.BusChanged, "tenant", nil); err != nil {
		t.Fatal(err)
	}
	if header, _ := w.command(); header.Version != 8 {
		t.Errorf("%+v", header)
	}
	second := f.connect(a, f.url, func(h *protocol.HelloHeader) { h.ConfigVersion = 8 })
	second.batch(a.Snapshot(ports, columns, nil))
	var ack protocol.Ack
	second.expect(protocol.TypeAck, &ack) // and no configuration before it
}

func TestCommandsReachTheServerThatHoldsTheAgent(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, b := f.enroll(), f.enroll()
	_, elsewhere := f.server()
	here, there := f.connect(a, f.url), f.connect(b, elsewhere)
	for agent, w := range map[uuid.UUID]*wire{a.ID: here, b.ID: there} {
		command, _ := f.around.SignCommand(t.Context(), f.scope.TenantID, agent.String(), protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: agent.String()}, time.Minute)
		if err := f.gateway.Send(t.Context(), agent, command); err != nil {
			t.Fatal(err)
		}
		if header, body := w.command(); header.Kind != protocol.CommandQuery || !strings.Contains(body, agent.String()) {
			t.Errorf("%+v %s", header, body)
		}
	}
	all := []uuid.UUID{a.ID}
	for range 10_000 { // that are not connected, more than a subscriber's queue holds messages
		all = append(all, uuid.New())
	}
	common, _ := f.around.SignCommand(t.Context(), f.scope.TenantID, "", protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "common"}, time.Minute)
	if err := f.gateway.Broadcast(t.Context(), append(all, b.ID), common); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*wire{here, there} {
		if header, body := w.command(); header.AgentID != "" || !strings.Contains(body, "common") {
			t.Errorf("%+v %s", header, body)
		}
	}
	foreign, _ := f.around.SignCommand(t.Context(), uuid.New(), a.ID.String(), protocol.CommandQuery, 0, nil, time.Minute)
	if err := f.gateway.Send(t.Context(), a.ID, foreign); err != nil {
		t.Fatal(err)
	}
	here.batch(a.Snapshot(ports, columns, nil))
	var ack protocol.Ack
	here.expect(protocol.TypeAck, &ack) // the command of another tenant did not come
}

// S16: revocation closes the connections of every server.
func TestRevocationClosesConnections(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	_, elsewhere := f.server()
	here, there := f.connect(a, f.url), f.connect(a, elsewhere)
	if err := f.agents.Revoke(t.Context(), f.scope, a.ID); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*wire{here, there} {
		w.expectError(protocol.CodeRevoked)
		w.expectEnd()
	}
	w, challenge := f.dial(a, f.url)
	w.greet(f.hello(a, challenge))
	w.expectError(protocol.CodeRevoked)
	response := f.request(a, http.MethodPost, "/agent/heartbeat", heartbeatOf(t, a, 7))
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a heartbeat by request: %d", response.StatusCode)
	}
}

// S17: two processes with one key are both kept, and a finding.
func TestTwoProcessesWithOneKeyAreAClone(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	first := f.connect(a, f.url)
	second := f.connect(a, f.url, func(h *protocol.HelloHeader) { h.InstanceID = "second" })
	first.heartbeat(7)
	eventually(t, "a clone is reported", func() bool {
		f.around.mu.Lock()
		defer f.around.mu.Unlock()
		return len(f.around.findings) == 1
	})
	for _, w := range []*wire{first, second} {
		w.batch(a.Snapshot(ports, columns, nil))
		var ack protocol.Ack
		w.expect(protocol.TypeAck, &ack)
	}
}

func answerOf(t *testing.T, a *rowstest.Agent, spoil func(*protocol.AnswerHeader)) protocol.Answer {
	t.Helper()
	cells := rowstest.Text([]string{"1"}, []string{"2"})
	hasher := diff.NewHasher(columns)
	root := diff.Root([]diff.Hash{diff.Leaf(true, hasher.Row(cells[0])), diff.Leaf(true, hasher.Row(cells[1]))})
	header := protocol.AnswerHeader{TenantID: a.TenantID.String(), AgentID: a.ID.String(), QueryID: uuid.NewString(), Final: true, Outcome: protocol.OutcomeRows,
		Timestamp: time.Now().UTC(), Columns: columns, RowCount: 2, Root: root[:]}
	spoil(&header)
	signed, err := protocol.Sign(a.Key, protocol.PurposeAnswer, header)
	if err != nil {
		t.Fatal(err)
	}
	return protocol.Answer{Header: signed, Rows: cells}
}

func TestAnswersAreChecked(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	w := f.connect(a, f.url)
	for code, spoil := range map[string]func(*protocol.AnswerHeader){
		protocol.CodeForeignIdentity: func(h *protocol.AnswerHeader) { h.AgentID = uuid.NewString() },
		protocol.CodeClockSkew:       func(h *protocol.AnswerHeader) { h.Timestamp = time.Now().Add(time.Hour) },
		protocol.CodeInvalid:         func(h *protocol.AnswerHeader) { h.Root = make([]byte, 32) },
		protocol.CodeTooLarge:        func(h *protocol.AnswerHeader) { h.Columns = make([]string, 2001) },
	} {
		w.send(protocol.TypeAnswer, answerOf(t, a, spoil))
		w.expectError(code)
	}
	w.send(protocol.TypeAnswer, answerOf(t, a, func(h *protocol.AnswerHeader) { h.RowCount = 3 }))
	w.expectError(protocol.CodeInvalid)
	w.send(protocol.TypeAnswer, answerOf(t, a, func(*protocol.AnswerHeader) {}))
	eventually(t, "the answer is taken", func() bool {
		f.around.mu.Lock()
		defer f.around.mu.Unlock()
		return len(f.around.answers) == 1
	})
}

// request sends a signed request.
func (f *fleet) request(a *rowstest.Agent, method, path string, body any, spoil ...func(*http.Request)) *http.Response {
	f.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			f.t.Fatal(err)
		}
	}
	request, err := http.NewRequest(method, f.url+path, strings.NewReader(string(text)))
	if err != nil {
		f.t.Fatal(err)
	}
	stamp := time.Now().UTC().Format(time.RFC3339Nano)
	payload := protocol.RequestBytes(method, path, a.ID.String(), stamp, text)
	request.Header.Set(protocol.HeaderAgent, a.ID.String())
	request.Header.Set(protocol.HeaderTimestamp, stamp)
	request.Header.Set(protocol.HeaderSignature, base64.RawURLEncoding.EncodeToString(ed25519.Sign(a.Key, protocol.SigningBytes(protocol.PurposeRequest, payload))))
	for _, spoil := range spoil {
		spoil(request)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { response.Body.Close() })
	return response
}

func read[T any](t *testing.T, r *http.Response) T {
	t.Helper()
	var out T
	text, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(text, &out); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", r.StatusCode, text)
	}
	return out
}

func TestRequestsDoWhatTheSocketDoes(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	queue := read[protocol.QueueResponse](t, f.request(a, http.MethodGet, "/scan/queue?config_version=0", nil))
	if len(queue.Commands) != 1 {
		t.Errorf("%d commands for an agent without configuration", len(queue.Commands))
	}
	read[protocol.Welcome](t, f.request(a, http.MethodPost, "/agent/heartbeat", heartbeatOf(t, a, 7)))
	batch := func(d rowstest.Draft) (b protocol.Batch) {
		_ = json.Unmarshal(a.Sign(t, d), &b)
		return b
	}
	first := batch(a.Differential(ports, columns, rowstest.Text([]string{"a"})))
	a.Differential(ports, columns, nil)
	gap := batch(a.Differential(ports, columns, rowstest.Text([]string{"b"})))
	result := read[protocol.ResultResponse](t, f.request(a, http.MethodPost, "/scan/result", protocol.ResultRequest{
		Batches: []protocol.Batch{first, gap}, Answers: []protocol.Answer{answerOf(t, a, func(*protocol.AnswerHeader) {})},
		Logs: []protocol.Log{{Severity: "warn", Code: "x", Message: "y"}},
	}))
	if len(result.Acks) != 2 || result.Acks[0].Refused != nil || result.Acks[1].Refused == nil {
		t.Errorf("%+v", result)
	}
	queue = read[protocol.QueueResponse](t, f.request(a, http.MethodGet, "/scan/queue?config_version=7", nil))
	if len(queue.Commands) != 1 || !strings.Contains(string(queue.Commands[0].Body), ports) || queue.LastSequence != 3 {
		t.Errorf("%+v", queue)
	}
	// An agent that names no version tells it with its heartbeats.
	read[protocol.Welcome](t, f.request(a, http.MethodPost, "/agent/heartbeat", heartbeatOf(t, a, 6)))
	if queue = read[protocol.QueueResponse](t, f.request(a, http.MethodGet, "/scan/queue", nil)); len(queue.Commands) != 1 {
		t.Errorf("%d commands for an agent with an old configuration", len(queue.Commands))
	}
	// A command that comes while the agent waits is given at once.
	command, _ := f.around.SignCommand(t.Context(), f.scope.TenantID, a.ID.String(), protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "q"}, time.Minute)
	waiting := make(chan *http.Response)
	go func() { waiting <- f.request(a, http.MethodGet, "/scan/queue?config_version=7", nil) }()
	if err := f.gateway.Send(t.Context(), a.ID, command); err != nil {
		t.Fatal(err)
	}
	if queue = read[protocol.QueueResponse](t, <-waiting); len(queue.Commands) != 1 {
		t.Errorf("%+v", queue)
	}
}

func TestRequestsThatAreNotTheAgentsAreRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, other := f.enroll(), f.enroll()
	for name, spoil := range map[string]func(*http.Request){
		"another agent": func(r *http.Request) { r.Header.Set(protocol.HeaderAgent, other.ID.String()) },
		"no agent":      func(r *http.Request) { r.Header.Del(protocol.HeaderAgent) },
		"old":           func(r *http.Request) { r.Header.Set(protocol.HeaderTimestamp, "2020-01-01T00:00:00Z") },
		"another time": func(r *http.Request) {
			r.Header.Set(protocol.HeaderTimestamp, time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano))
		},
		"no time":      func(r *http.Request) { r.Header.Del(protocol.HeaderTimestamp) },
		"no signature": func(r *http.Request) { r.Header.Del(protocol.HeaderSignature) },
		"another path": func(r *http.Request) { r.URL.Path = "/api/v1/agent/heartbeat" },
		"another body": func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{}")), 2 },
	} {
		response := f.request(a, http.MethodPost, "/agent/heartbeat", heartbeatOf(t, a, 7), spoil)
		var e protocol.Error
		text, _ := io.ReadAll(response.Body)
		if err := json.Unmarshal(text, &e); err != nil || response.StatusCode/100 != 4 || e.Code == "" {
			t.Errorf("%s: %d %s", name, response.StatusCode, text)
		}
	}
	large := f.request(a, http.MethodPost, "/agent/heartbeat", strings.Repeat("x", 100<<10))
	if large.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", large.StatusCode)
	}
}

func TestGreetingsOfOneAddressAreBounded(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	refused := 0
	for range 70 {
		conn, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(f.url, "http")+"/agent/connect", nil)
		if err != nil {
			if response == nil || response.StatusCode != http.StatusServiceUnavailable {
				t.Fatal(err)
			}
			refused++
			continue
		}
		t.Cleanup(func() { conn.Close() })
	}
	if refused != 6 {
		t.Errorf("%d of 70 connections that say nothing were refused, want 6", refused)
	}
}

func TestConnectionsOfOneAgentAreBounded(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	var all []*wire
	for range 6 {
		all = append(all, f.connect(a, f.url))
	}
	for _, oldest := range all[:2] {
		oldest.expectEnd()
	}
	for i, w := range all[2:] {
		w.batch(a.Snapshot(ports, columns, rowstest.Text([]string{"a"})))
		var ack protocol.Ack
		w.expect(protocol.TypeAck, &ack)
		if ack.Refused != nil {
			t.Errorf("connection %d: %+v", i+3, ack.Refused)
		}
	}
}
