//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// agent is one simulated agent of our own protocol. Unlike a real one it trusts commands without checking them: that is the
// endpoint's cost.
type agent struct {
	index      int
	key        ed25519.PrivateKey
	id, tenant string
	host       string

	conn     *websocket.Conn
	writing  sync.Mutex
	config   atomic.Int64
	configs  *atomic.Int64 // counts configurations that came, of all agents
	failures *failures
	drops    *failures // connections that the server ended, and why
	acks     chan protocol.Ack
	ended    chan struct{} // closed when the connection has ended
	welcome  atomic.Bool   // from the welcome until then
	sent     atomic.Int64  // when a message was last written, Unix seconds
	stored   int64         // the last sequence that was acknowledged

	epoch, counter, sequence int64
	held                     int         // rows of the collection
	last                     []diff.Hash // the rows of the last change, which the next takes away
}

func newAgent(i int, configs *atomic.Int64, f, drops *failures) (*agent, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	return &agent{index: i, key: key, host: fmt.Sprintf("host-%05d", i), configs: configs, failures: f, drops: drops, counter: -1}, nil
}

func (a *agent) facts() protocol.Facts {
	return protocol.Facts{Hostname: a.host, Platform: "linux", Arch: "amd64", OSName: "Debian GNU/Linux", OSVersion: "12", Version: "bench"}
}

// enrol makes it an agent of a secret's tenant.
func (a *agent) enrol(ctx context.Context, web *http.Client, base, secret string) error {
	at := time.Now().UTC()
	public := a.key.Public().(ed25519.PublicKey)
	proof := protocol.EnrollProof(secret, public, at.Format(time.RFC3339Nano))
	var made protocol.EnrollResponse
	for {
		retry, err := post(ctx, web, base+"/agent/enroll", protocol.EnrollRequest{Secret: secret, PublicKey: public, Timestamp: at,
			Proof: ed25519.Sign(a.key, protocol.SigningBytes(protocol.PurposeEnroll, proof)), HardwareID: uuid.NewString(), Facts: a.facts()}, &made)
		if err != nil {
			return err
		}
		if retry == 0 {
			break
		}
		select { // a secret enrols 50 agents a second
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retry):
		}
	}
	a.id, a.tenant = made.AgentID, made.TenantID
	return nil
}

// post sends JSON, or bytes that are JSON already, and reads the answer. retry is how long to wait where the server is busy, 0
// where it answered.
func post(ctx context.Context, web *http.Client, url string, body, out any) (retry time.Duration, err error) {
	text, ready := body.([]byte)
	if !ready {
		if text, err = json.Marshal(body); err != nil {
			return 0, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := web.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return 0, err
	case response.StatusCode == http.StatusServiceUnavailable:
		var busy protocol.Error
		if err := json.Unmarshal(answer, &busy); err != nil {
			return 0, fmt.Errorf("%s: %w", response.Status, err)
		}
		return max(time.Duration(busy.RetryMillis)*time.Millisecond, 100*time.Millisecond), nil
	case response.StatusCode != http.StatusOK:
		return 0, fmt.Errorf("%s: %.200s", response.Status, answer)
	}
	return 0, json.Unmarshal(answer, out)
}

// connect opens the agent's connection and reads from it in the background.
func (a *agent) connect(ctx context.Context, f *fleet) error {
	dialer := websocket.Dialer{NetDialContext: f.dialer(a.index).DialContext, TLSClientConfig: f.trust, HandshakeTimeout: time.Minute, ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &writeBuffers}
	conn, response, err := dialer.DialContext(ctx, "wss://"+f.address()+"/agent/connect", nil)
	if err != nil {
		return err
	}
	response.Body.Close()
	a.writing.Lock()
	a.conn = conn
	a.writing.Unlock()
	if err := a.greet(); err != nil {
		conn.Close()
		return err
	}
	a.welcome.Store(true)
	a.acks, a.ended = make(chan protocol.Ack, 64), make(chan struct{})
	go a.read(conn, a.acks, a.ended)
	return nil
}

// greet answers the server's challenge and waits to be welcome.
func (a *agent) greet() error {
	var challenge protocol.Challenge
	if err := a.expect(protocol.TypeChallenge, &challenge); err != nil {
		return err
	}
	hello, err := protocol.Sign(a.key, protocol.PurposeHello, protocol.HelloHeader{Nonce: challenge.Nonce, FleetID: challenge.FleetID, TenantID: a.tenant, AgentID: a.id,
		Timestamp: time.Now().UTC(), InstanceID: a.id})
	if err != nil {
		return err
	}
	if err := a.send(protocol.TypeHello, protocol.Hello{Session: hello, Facts: a.facts()}); err != nil {
		return err
	}
	var welcome protocol.Welcome
	if err := a.expect(protocol.TypeWelcome, &welcome); err != nil {
		return err
	}
	a.stored = welcome.LastSequence
	return nil
}

var writeBuffers sync.Pool

func (a *agent) expect(kind protocol.Type, body any) error {
	_, packed, err := a.conn.ReadMessage()
	if err != nil {
		return err
	}
	envelope, err := frame.Decode(packed)
	if err != nil {
		return err
	}
	if envelope.Type != kind {
		return fmt.Errorf("got %s %.200s, want %s", envelope.Type, envelope.Body, kind)
	}
	return protocol.Decode(envelope.Body, body)
}

func (a *agent) send(kind protocol.Type, body any) error {
	packed, err := frame.Encode(kind, "", body)
	if err != nil {
		return err
	}
	return a.write(packed)
}

func (a *agent) write(packed []byte) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	a.sent.Store(time.Now().Unix())
	return a.conn.WriteMessage(websocket.BinaryMessage, packed)
}

// silence is how long an agent says nothing before a heartbeat of its own, less than the time after which a server gives it up.
const silence = 60 * time.Second

// keepAlive has agents that have said nothing for a while send a heartbeat, until ctx ends.
func keepAlive(ctx context.Context, agents []*agent, failures *failures) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for _, a := range agents {
				if !a.welcome.Load() || now.Unix()-a.sent.Load() < int64(silence/time.Second) {
					continue
				}
				if err := a.heartbeat(); err != nil && a.welcome.Load() {
					failures.add("heartbeat: " + err.Error())
				}
			}
		}
	}
}

// read takes what the server sends until the connection is closed.
func (a *agent) read(conn *websocket.Conn, acks chan<- protocol.Ack, ended chan<- struct{}) {
	defer close(ended)
	defer a.welcome.Store(false)
	for {
		_, packed, err := conn.ReadMessage()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				a.drops.add(err.Error())
			}
			return
		}
		envelope, err := frame.Decode(packed)
		if err == nil {
			err = a.take(envelope, acks)
		}
		if err != nil {
			a.failures.add(err.Error())
		}
	}
}

func (a *agent) take(envelope protocol.Envelope, acks chan<- protocol.Ack) error {
	switch envelope.Type {
	case protocol.TypeAck:
		var ack protocol.Ack
		if err := protocol.Decode(envelope.Body, &ack); err != nil {
			return err
		}
		acks <- ack
		return nil
	case protocol.TypeCommand:
		var command protocol.Command
		if err := protocol.Decode(envelope.Body, &command); err != nil {
			return err
		}
		return a.obey(command)
	case protocol.TypeError:
		var refused protocol.Error
		if err := protocol.Decode(envelope.Body, &refused); err != nil {
			return err
		}
		if refused.Code == protocol.CodeBusy {
			a.drops.add(refused.Message)
			return nil // the server ends the connection
		}
		return &refused
	default:
		return fmt.Errorf("a message of type %s", envelope.Type)
	}
}

func (a *agent) obey(command protocol.Command) error {
	var header protocol.CommandHeader
	if err := command.Header.Peek(&header); err != nil {
		return err
	}
	switch header.Kind {
	case protocol.CommandConfig:
		a.config.Store(header.Version)
		a.configs.Add(1)
		return nil
	case protocol.CommandQuery:
		var query protocol.LiveQuery
		if err := json.Unmarshal(command.Body, &query); err != nil {
			return err
		}
		return a.answer(query.QueryID)
	default:
		return fmt.Errorf("a command of kind %s", header.Kind)
	}
}

// answerRows is how many rows agent i answers with.
func answerRows(i int) int { return 1 + i%3 }

// answer answers a live query in one part.
func (a *agent) answer(query string) error {
	columns := []string{"host", "name", "n"}
	var rows [][]tables.Value
	for n := range answerRows(a.index) {
		rows = append(rows, []tables.Value{tables.TextValue(a.host), tables.TextValue("sshd"), tables.IntValue(int64(n))})
	}
	root, _ := rootOf(columns, rows, nil)
	header, err := protocol.Sign(a.key, protocol.PurposeAnswer, protocol.AnswerHeader{TenantID: a.tenant, AgentID: a.id, QueryID: query, Final: true, Outcome: protocol.OutcomeRows,
		Timestamp: time.Now().UTC(), Columns: columns, RowCount: len(rows), Root: root, Execution: protocol.Execution{Rows: int64(len(rows)), DurationMS: 1}})
	if err != nil {
		return err
	}
	return a.send(protocol.TypeAnswer, protocol.Answer{Header: header, Rows: rows})
}

func (a *agent) heartbeat() error {
	header, err := protocol.Sign(a.key, protocol.PurposeHeartbeat, protocol.HeartbeatHeader{TenantID: a.tenant, AgentID: a.id, Timestamp: time.Now().UTC(), ConfigVersion: a.config.Load(), UptimeSeconds: 60, RSSBytes: 20 << 20, CPUMillis: 100})
	if err != nil {
		return err
	}
	return a.send(protocol.TypeHeartbeat, protocol.Heartbeat{Header: header})
}

// rootOf computes the root of a batch's rows, and their hashes.
func rootOf(columns []string, added [][]tables.Value, removed []diff.Hash) (root []byte, hashes []diff.Hash) {
	hasher := diff.NewHasher(columns)
	var leaves []diff.Hash
	for _, row := range added {
		hash := hasher.Row(row)
		hashes, leaves = append(hashes, hash), append(leaves, diff.Leaf(true, hash))
	}
	for _, hash := range removed {
		leaves = append(leaves, diff.Leaf(false, hash))
	}
	sum := diff.Root(leaves)
	return sum[:], hashes
}
