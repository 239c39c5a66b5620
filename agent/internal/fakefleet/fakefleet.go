// Package fakefleet is a fleet for the agent's tests: it speaks the protocol over real TLS, checks every signature, keeps
// batches as the real one does, and can be told to misbehave.
package fakefleet

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/diff"
)

// Fleet is a fleet of one agent.
type Fleet struct {
	TenantID, FleetID, AgentID string
	Root, ConfigKey            ed25519.PrivateKey
	CA                         *x509.Certificate
	Secret                     protocol.EnrollSecret

	t      testing.TB
	server *httptest.Server
	caKey  *ecdsa.PrivateKey

	mu         sync.Mutex
	changed    chan struct{} // closed and made anew at each change
	agentKey   ed25519.PublicKey
	nextKey    ed25519.PublicKey // offered, and not used yet
	behaviour  Behaviour
	batches    map[int64]Stored
	last       int64
	answers    []Answer
	heartbeats []protocol.HeartbeatHeader
	logs       []protocol.Log
	sessions   int
	polls      int
	queue      []protocol.Command // for /scan/queue
	socket     *socket
}

// Behaviour is how the fleet treats an agent. The zero Behaviour is good.
type Behaviour struct {
	NoWebsocket bool                                       // answers 426 to the upgrade
	Hello       *protocol.Error                            // refuses every session
	Batch       func(protocol.BatchHeader) *protocol.Error // refuses a batch
	Busy        func(protocol.BatchHeader) bool            // asks to send it later
	Unreadable  func(protocol.BatchHeader) bool            // answers an error to its message instead of an acknowledgement
	Deaf        bool                                       // stores, but acknowledges nothing
	Enroll      *protocol.Error
	Key         func(protocol.KeyOffer) *protocol.Error // refuses an offered key
	KeyTaken    func()                                  // called when an offered key is kept, before the answer
}

// Stored is a batch as it came first.
type Stored struct {
	Header protocol.BatchHeader
	Batch  protocol.Batch
}

// Answer is a part of an answer.
type Answer struct {
	Header protocol.AnswerHeader
	Answer protocol.Answer
}

// Options of the TLS side; the zero Options are right.
type Options struct {
	Name      string // of the certificate; 127.0.0.1
	TLSMax    uint16
	OmitCA    bool // leaves the authority out of the chain
	Expired   bool
	PlainHTTP bool
	FleetsCA  *Fleet // signs with the authority of another
	WrongRoot bool   // names another root key than the secret does
}

// New starts a fleet that ends with the test.
func New(t testing.TB, o Options) *Fleet {
	t.Helper()
	f := &Fleet{
		t: t, TenantID: "0198c000-0000-7000-8000-000000000001", FleetID: "0198c000-0000-7000-8000-0000000000ff", AgentID: "0198c000-0000-7000-8000-00000000000a",
		batches: map[int64]Stored{}, changed: make(chan struct{}),
	}
	_, f.Root, _ = ed25519.GenerateKey(nil)
	_, f.ConfigKey, _ = ed25519.GenerateKey(nil)
	f.makeCA(t)
	leafOf := f
	if o.FleetsCA != nil {
		leafOf = o.FleetsCA
	}
	certificate := leafOf.leaf(t, o)
	root := f.Root.Public().(ed25519.PublicKey)
	f.Secret = protocol.NewEnrollSecret(sha256.Sum256(f.CA.Raw), sha256.Sum256(root))
	if o.WrongRoot {
		_, f.Root, _ = ed25519.GenerateKey(nil)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/agent/enroll", f.enroll)
	mux.HandleFunc("GET /api/v1/agent/connect", f.connect)
	mux.HandleFunc("POST /api/v1/agent/heartbeat", f.signed(f.restHeartbeat))
	mux.HandleFunc("POST /api/v1/agent/key", f.signed(f.restKey))
	mux.HandleFunc("GET /api/v1/scan/queue", f.signed(f.restQueue))
	mux.HandleFunc("POST /api/v1/scan/result", f.signed(f.restResult))
	f.server = httptest.NewUnstartedServer(mux)
	f.server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what tests are about
	if o.PlainHTTP {
		f.server.Start()
	} else {
		f.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MaxVersion: o.TLSMax}
		f.server.StartTLS()
	}
	t.Cleanup(f.close)
	return f
}

func (f *Fleet) close() {
	f.Drop()
	f.server.Close()
}

// URL is the fleet's address.
func (f *Fleet) URL() string { return "https://" + f.server.Listener.Addr().String() }

func (f *Fleet) makeCA(t testing.TB) {
	var err error
	if f.caKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, f.caKey.Public(), f.caKey)
	if err != nil {
		t.Fatal(err)
	}
	if f.CA, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
}

func (f *Fleet) leaf(t testing.TB, o Options) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "fleet"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if o.Name == "" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	} else {
		template.DNSNames = []string{o.Name}
	}
	if o.Expired {
		template.NotAfter = time.Now().Add(-time.Minute)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, f.CA, key.Public(), f.caKey)
	if err != nil {
		t.Fatal(err)
	}
	chain := [][]byte{der}
	if !o.OmitCA {
		chain = append(chain, f.CA.Raw)
	}
	return tls.Certificate{Certificate: chain, PrivateKey: key}
}

// Enroll makes a state directory an agent of the fleet.
func (f *Fleet) Enroll(t testing.TB, dir state.Dir) *enroll.Identity {
	t.Helper()
	result, err := enroll.Enroll(t.Context(), dir, enroll.Request{Server: f.URL(), Secret: f.Secret.String()})
	if err != nil {
		t.Fatal(err)
	}
	return result.Identity
}

// Behave changes how the fleet acts from now on.
func (f *Fleet) Behave(b Behaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.behaviour = b
}

func (f *Fleet) behave() Behaviour {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.behaviour
}

func (f *Fleet) enroll(w http.ResponseWriter, r *http.Request) {
	var request protocol.EnrollRequest
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = protocol.Decode(body, &request)
	}
	if err != nil {
		fail(w, &protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()})
		return
	}
	proof := protocol.EnrollProof(request.Secret, request.PublicKey, request.Timestamp.Format(time.RFC3339Nano))
	switch refused := f.behave().Enroll; {
	case refused != nil:
		fail(w, refused)
		return
	case request.Secret != f.Secret.String():
		fail(w, &protocol.Error{Code: protocol.CodeEnrollRefused, Message: "the enrol secret does not hold"})
		return
	case !ed25519.Verify(request.PublicKey, protocol.SigningBytes(protocol.PurposeEnroll, proof), request.Proof):
		fail(w, &protocol.Error{Code: protocol.CodeSignature, Message: "the proof does not hold"})
		return
	}
	f.mu.Lock()
	f.agentKey = request.PublicKey
	f.mu.Unlock()
	reply(w, protocol.EnrollResponse{
		AgentID: f.AgentID, TenantID: f.TenantID, FleetID: f.FleetID, RootKey: f.Root.Public().(ed25519.PublicKey), CACert: f.CA.Raw,
		State: "active", ServerTime: time.Now(), Certificate: f.certificate(),
	})
}

func (f *Fleet) certificate() protocol.Signed {
	return sign(f.Root, protocol.PurposeKeyCertificate, protocol.KeyCertificate{
		FleetID: f.FleetID, TenantID: f.TenantID, KeyID: "1", PublicKey: f.ConfigKey.Public().(ed25519.PublicKey),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	})
}

// Order makes a signed command. change, where given, alters the header before it is signed.
func (f *Fleet) Order(kind protocol.CommandKind, version int64, body any, change ...func(*protocol.CommandHeader)) protocol.Command {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	h := protocol.CommandHeader{
		Kind: kind, TenantID: f.TenantID, AgentID: f.AgentID, Version: version, IssuedAt: time.Now().Add(-time.Second), ExpiresAt: time.Now().Add(10 * time.Minute), BodySHA256: sum[:],
	}
	for _, c := range change {
		c(&h)
	}
	return protocol.Command{Certificate: f.certificate(), Header: sign(f.ConfigKey, protocol.PurposeCommand, h), Body: text}
}

func sign(key ed25519.PrivateKey, purpose protocol.Purpose, v any) protocol.Signed {
	s, err := protocol.Sign(key, purpose, v)
	if err != nil {
		panic(err)
	}
	return s
}

// store keeps a batch under its sequence number, once, and gives what is acknowledged. The same number with other
// content is what must never be.
func (f *Fleet) store(batch protocol.Batch) (protocol.Ack, bool) {
	b := f.behave()
	f.mu.Lock()
	defer f.mu.Unlock()
	var h protocol.BatchHeader
	f.must(batch.Header.Open(f.agentKey, protocol.PurposeBatch, &h))
	f.checkRows(h, batch)
	ack := protocol.Ack{Sequence: h.Sequence}
	if b.Busy != nil && b.Busy(h) {
		ack.Refused = &protocol.Error{Code: protocol.CodeBusy, Message: "busy", RetryMillis: 5}
		return ack, true
	}
	if old, twice := f.batches[h.Sequence]; twice {
		if string(old.Batch.Header.Payload) != string(batch.Header.Payload) {
			f.t.Errorf("fake fleet: sequence %d came with other content", h.Sequence)
		}
		return ack, !b.Deaf
	}
	if b.Batch != nil {
		if ack.Refused = b.Batch(h); ack.Refused != nil {
			return ack, true
		}
	}
	f.batches[h.Sequence] = Stored{h, batch}
	f.last = max(f.last, h.Sequence)
	f.touch()
	return ack, !b.Deaf
}

func (f *Fleet) checkRows(h protocol.BatchHeader, batch protocol.Batch) {
	hasher := diff.NewHasher(h.Columns)
	var leaves []diff.Hash
	for _, row := range batch.Added {
		leaves = append(leaves, diff.Leaf(true, hasher.Row(row)))
	}
	for _, removed := range batch.Removed {
		leaves = append(leaves, diff.Leaf(false, diff.Hash(removed)))
	}
	if root := diff.Root(leaves); string(root[:]) != string(h.Root) || h.AddedCount != len(batch.Added) || h.RemovedCount != len(batch.Removed) {
		f.t.Errorf("fake fleet: the rows of batch %d do not match its header", h.Sequence)
	}
}

// touch wakes who waits. The caller holds the lock.
func (f *Fleet) touch() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// Wait waits until ok holds; it is asked after each change.
func (f *Fleet) Wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		f.mu.Lock()
		changed := f.changed
		f.mu.Unlock()
		if ok() {
			return
		}
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond): // of what the fleet does not see
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Batches gives all stored batches in the order of their numbers.
func (f *Fleet) Batches() []Stored {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []Stored
	for _, sequence := range slices.Sorted(maps.Keys(f.batches)) {
		list = append(list, f.batches[sequence])
	}
	return list
}

// Answers gives the parts that came for a live query.
func (f *Fleet) Answers(query string) []Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []Answer
	for _, a := range f.answers {
		if a.Header.QueryID == query {
			list = append(list, a)
		}
	}
	return list
}

// Heartbeats gives all heartbeats.
func (f *Fleet) Heartbeats() []protocol.HeartbeatHeader {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.heartbeats)
}

// Logged tells whether a line with the code came.
func (f *Fleet) Logged(code string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.logs, func(l protocol.Log) bool { return l.Code == code })
}

// Sessions counts the websockets that were welcomed, Polls the requests for orders.
func (f *Fleet) Sessions() int { f.mu.Lock(); defer f.mu.Unlock(); return f.sessions }

// Polls counts the requests for orders.
func (f *Fleet) Polls() int { f.mu.Lock(); defer f.mu.Unlock(); return f.polls }

// SetLast pretends that the fleet has batches up to a number.
func (f *Fleet) SetLast(sequence int64) { f.mu.Lock(); defer f.mu.Unlock(); f.last = sequence }
