package fleettest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// This file speaks to the server byte by byte, where the product's own agent would never send what a test wants to send.

// trust is the TLS configuration of everybody who knows the fleet's authority.
func (f *Fleet) trust(t testing.TB) *tls.Config {
	t.Helper()
	ca, err := os.ReadFile(filepath.Join(f.dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatal("the authority's file holds no certificate")
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, ServerName: "localhost", NextProtos: []string{"http/1.1"}}
}

// address is where the server listens.
func (f *Fleet) address() string { return strings.TrimPrefix(f.URL, "https://") }

// socket opens a TLS connection for bytes of the test's own.
func (f *Fleet) socket(t testing.TB) *tls.Conn {
	t.Helper()
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: Patience}, Config: f.trust(t)}
	conn, err := dialer.DialContext(t.Context(), "tcp", f.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*tls.Conn)
}

// web is an HTTP client that does what the test says and nothing by itself.
func (f *Fleet) web(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: f.trust(t), MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: Patience}
}

// secret makes an enrol secret.
func (f *Fleet) secret(t testing.TB, tenant string, uses int) client.EnrollSecret {
	t.Helper()
	var made client.EnrollSecret
	err := f.Admin.Do(t.Context(), http.MethodPost, "/enroll-secrets", map[string][]string{"tenant": {tenant}}, map[string]any{"max_uses": uses}, &made)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

var plainFacts = protocol.Facts{Hostname: "host", Platform: "linux", Arch: "amd64", OSName: "Test", OSVersion: "1", Version: "test"}

// enrolment is a request whose proof holds.
func enrolment(a *rowstest.Agent, secret string, at time.Time, facts protocol.Facts) protocol.EnrollRequest {
	proof := protocol.EnrollProof(secret, a.Public(), at.Format(time.RFC3339Nano))
	return protocol.EnrollRequest{Secret: secret, PublicKey: a.Public(), Proof: ed25519.Sign(a.Key, protocol.SigningBytes(protocol.PurposeEnroll, proof)),
		Timestamp: at, HardwareID: uuid.NewString(), Facts: facts}
}

// enrol posts an enrolment. A refusal is a *protocol.Error.
func enrol(t testing.TB, web *http.Client, url string, request protocol.EnrollRequest) (*protocol.EnrollResponse, error) {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	response, err := web.Post(url+"/agent/enroll", "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		refused := &protocol.Error{}
		if err := json.Unmarshal(text, refused); err != nil {
			return nil, errors.New(response.Status + " " + string(text))
		}
		return nil, refused
	}
	answer := &protocol.EnrollResponse{}
	return answer, json.Unmarshal(text, answer)
}

// impostor enrols an agent whose messages the test writes itself.
func (f *Fleet) impostor(t testing.TB, tenant string, facts protocol.Facts) *rowstest.Agent {
	t.Helper()
	a := rowstest.NewAgent(uuid.Nil, uuid.Nil)
	made, err := enrol(t, f.web(t), f.URL, enrolment(a, f.secret(t, tenant, 1).Secret, time.Now().UTC(), facts))
	if err != nil {
		t.Fatal(err)
	}
	a.ID, a.TenantID = uuid.MustParse(made.AgentID), uuid.MustParse(made.TenantID)
	return a
}

// wire is an agent's end of a connection.
type wire struct {
	conn  *websocket.Conn
	agent *rowstest.Agent
}

// dial opens a connection up to the challenge.
func (f *Fleet) dial(t testing.TB, a *rowstest.Agent) (*wire, protocol.Challenge) {
	t.Helper()
	dialer := &websocket.Dialer{TLSClientConfig: f.trust(t), HandshakeTimeout: Patience}
	conn, response, err := dialer.DialContext(t.Context(), "wss://"+f.address()+"/agent/connect", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	t.Cleanup(func() { conn.Close() })
	w := &wire{conn, a}
	var challenge protocol.Challenge
	w.expect(t, protocol.TypeChallenge, &challenge)
	return w, challenge
}

// hello answers a challenge.
func (w *wire) hello(t testing.TB, c protocol.Challenge, at time.Time, facts protocol.Facts) {
	t.Helper()
	session, err := protocol.Sign(w.agent.Key, protocol.PurposeHello, protocol.HelloHeader{Nonce: c.Nonce, FleetID: c.FleetID,
		TenantID: w.agent.TenantID.String(), AgentID: w.agent.ID.String(), Timestamp: at, InstanceID: "test"})
	if err != nil {
		t.Fatal(err)
	}
	w.send(t, protocol.TypeHello, protocol.Hello{Session: session, Facts: facts})
}

// connect opens a session.
func (f *Fleet) connect(t testing.TB, a *rowstest.Agent, facts protocol.Facts) *wire {
	t.Helper()
	w, challenge := f.dial(t, a)
	w.hello(t, challenge, time.Now().UTC(), facts)
	w.expect(t, protocol.TypeWelcome, &protocol.Welcome{})
	return w
}

func (w *wire) send(t testing.TB, kind protocol.Type, body any) {
	t.Helper()
	packed, err := frame.Encode(kind, "x", body)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.conn.WriteMessage(websocket.BinaryMessage, packed); err != nil {
		t.Fatal(err)
	}
}

// next gives the next message that is no command, or the error with which the connection ends.
func (w *wire) next() (protocol.Envelope, error) {
	for {
		if envelope, err := w.nextAny(); err != nil || envelope.Type != protocol.TypeCommand {
			return envelope, err
		}
	}
}

// nextAny gives the next message.
func (w *wire) nextAny() (protocol.Envelope, error) {
	w.conn.SetReadDeadline(time.Now().Add(Patience))
	_, packed, err := w.conn.ReadMessage()
	if err != nil {
		return protocol.Envelope{}, err
	}
	return frame.Decode(packed)
}

func (w *wire) expect(t testing.TB, kind protocol.Type, body any) {
	t.Helper()
	envelope, err := w.next()
	if err != nil || envelope.Type != kind {
		t.Fatalf("got %s %.300s (%v), want %s", envelope.Type, envelope.Body, err, kind)
	}
	if err := protocol.Decode(envelope.Body, body); err != nil {
		t.Fatal(err)
	}
}

func (w *wire) expectError(t testing.TB, code string) {
	t.Helper()
	var refused protocol.Error
	w.expect(t, protocol.TypeError, &refused)
	if refused.Code != code || refused.Message == "" {
		t.Fatalf("refused with %+v, want code %s", refused, code)
	}
}

// expectEnd waits until the server closes the connection.
func (w *wire) expectEnd(t testing.TB) {
	t.Helper()
	for {
		if _, err := w.next(); err != nil {
			if isTimeout(err) {
				t.Fatal("the connection stays open")
			}
			return
		}
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// expectAck waits for a batch's acknowledgement; code is "" for one that was stored.
func (w *wire) expectAck(t testing.TB, sequence int64, code string) {
	t.Helper()
	var ack protocol.Ack
	w.expect(t, protocol.TypeAck, &ack)
	got := ""
	if ack.Refused != nil {
		got = ack.Refused.Code
	}
	if ack.Sequence != sequence || got != code {
		t.Fatalf("acknowledged %d with %+v, want %d with code %q", ack.Sequence, ack.Refused, sequence, code)
	}
}

// batch sends a batch as its agent signs it.
func (w *wire) batch(t testing.TB, d rowstest.Draft) {
	t.Helper()
	w.send(t, protocol.TypeBatch, json.RawMessage(w.agent.Sign(t, d)))
}
