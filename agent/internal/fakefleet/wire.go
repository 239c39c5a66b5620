package fakefleet

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
)

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func fail(w http.ResponseWriter, e *protocol.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_ = json.NewEncoder(w).Encode(e)
}

// socket is the agent's websocket; only one writes at a time.
type socket struct {
	conn *websocket.Conn
	mu   sync.Mutex
}

func (s *socket) send(kind protocol.Type, body any) error { return s.answer(kind, "", body) }

func (s *socket) answer(kind protocol.Type, id string, body any) error {
	packed, err := frame.Encode(kind, id, body)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.WriteMessage(websocket.BinaryMessage, packed)
}

func (f *Fleet) connect(w http.ResponseWriter, r *http.Request) {
	b := f.behave()
	if b.NoWebsocket {
		w.WriteHeader(http.StatusUpgradeRequired)
		return
	}
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	s := &socket{conn: conn}
	nonce := make([]byte, protocol.NonceSize)
	rand.Read(nonce)
	if err := s.send(protocol.TypeChallenge, protocol.Challenge{Nonce: nonce, FleetID: f.FleetID, ServerTime: time.Now()}); err != nil {
		return
	}
	envelope, err := receive(conn)
	if err != nil || envelope.Type != protocol.TypeHello {
		return
	}
	if b.Hello != nil {
		_ = s.send(protocol.TypeError, b.Hello)
		f.mu.Lock()
		f.sessions++
		f.touch()
		f.mu.Unlock()
		return
	}
	var hello protocol.Hello
	var header protocol.HelloHeader
	f.mu.Lock()
	err = protocol.Decode(envelope.Body, &hello)
	if err == nil && f.nextKey != nil && hello.Session.Open(f.nextKey, protocol.PurposeHello, &header) == nil {
		f.agentKey, f.nextKey = f.nextKey, nil // the first message under it
	}
	if err == nil {
		err = hello.Session.Open(f.agentKey, protocol.PurposeHello, &header)
	}
	last := f.last
	f.mu.Unlock()
	if err != nil || string(header.Nonce) != string(nonce) || header.AgentID != f.AgentID {
		_ = s.send(protocol.TypeError, protocol.Error{Code: protocol.CodeSignature, Message: "hello does not hold"})
		return
	}
	if err := s.send(protocol.TypeWelcome, protocol.Welcome{ServerTime: time.Now(), LastSequence: last}); err != nil {
		return
	}
	f.mu.Lock()
	f.socket = s
	f.sessions++
	f.touch()
	f.mu.Unlock()
	for {
		envelope, err := receive(conn)
		if err != nil {
			return
		}
		f.take(s, envelope)
	}
}

func receive(conn *websocket.Conn) (protocol.Envelope, error) {
	_, packed, err := conn.ReadMessage()
	if err != nil {
		return protocol.Envelope{}, err
	}
	return frame.Decode(packed)
}

func (f *Fleet) take(s *socket, envelope protocol.Envelope) {
	switch envelope.Type {
	case protocol.TypeBatch:
		var batch protocol.Batch
		f.must(protocol.Decode(envelope.Body, &batch))
		if b := f.behave(); b.Unreadable != nil {
			var h protocol.BatchHeader
			f.must(batch.Header.Peek(&h))
			if b.Unreadable(h) {
				_ = s.answer(protocol.TypeError, envelope.ID, protocol.Error{Code: protocol.CodeInvalid, Message: "unreadable"})
				return
			}
		}
		if ack, say := f.store(batch); say {
			_ = s.send(protocol.TypeAck, ack)
		}
	case protocol.TypeAnswer:
		var a protocol.Answer
		f.must(protocol.Decode(envelope.Body, &a))
		f.keepAnswer(a)
	case protocol.TypeHeartbeat:
		var h protocol.Heartbeat
		f.must(protocol.Decode(envelope.Body, &h))
		f.keepHeartbeat(h)
	case protocol.TypeLog:
		var l protocol.Log
		f.must(protocol.Decode(envelope.Body, &l))
		f.keepLog(l)
	default:
		f.t.Errorf("fake fleet: an agent sends no %q", envelope.Type)
	}
}

// must fails the test where an agent broke the protocol.
func (f *Fleet) must(err error) {
	if err != nil {
		f.t.Errorf("fake fleet: %v", err)
	}
}

func (f *Fleet) keepAnswer(a protocol.Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var h protocol.AnswerHeader
	f.must(a.Header.Open(f.agentKey, protocol.PurposeAnswer, &h))
	f.answers = append(f.answers, Answer{h, a})
	f.touch()
}

func (f *Fleet) keepHeartbeat(beat protocol.Heartbeat) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var h protocol.HeartbeatHeader
	f.must(beat.Header.Open(f.agentKey, protocol.PurposeHeartbeat, &h))
	f.heartbeats = append(f.heartbeats, h)
	f.touch()
}

func (f *Fleet) keepLog(l protocol.Log) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logs = append(f.logs, l)
	f.touch()
}

// Send gives the agent a command: over its websocket, else by the queue.
func (f *Fleet) Send(c protocol.Command) { f.SendRaw(protocol.TypeCommand, c) }

// SendRaw sends any message.
func (f *Fleet) SendRaw(kind protocol.Type, body any) {
	f.mu.Lock()
	s := f.socket
	if c, ok := body.(protocol.Command); ok && s == nil {
		f.queue = append(f.queue, c)
	}
	f.mu.Unlock()
	if s != nil {
		_ = s.send(kind, body)
	}
}

// Drop breaks the websocket.
func (f *Fleet) Drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.socket != nil {
		f.socket.conn.Close()
		f.socket = nil
	}
}

// signed checks a REST request's signature.
func (f *Fleet) signed(next func(http.ResponseWriter, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		f.must(err)
		signature, err := base64.RawURLEncoding.DecodeString(r.Header.Get(protocol.HeaderSignature))
		f.must(err)
		payload := protocol.RequestBytes(r.Method, r.URL.RequestURI(), r.Header.Get(protocol.HeaderAgent), r.Header.Get(protocol.HeaderTimestamp), body)
		f.mu.Lock()
		holds := ed25519.Verify(f.agentKey, protocol.SigningBytes(protocol.PurposeRequest, payload), signature)
		f.mu.Unlock()
		if !holds {
			fail(w, &protocol.Error{Code: protocol.CodeSignature, Message: "the request's signature does not hold"})
			return
		}
		if refused := f.behave().Hello; refused != nil {
			fail(w, refused)
			return
		}
		next(w, body)
	}
}

// restKey keeps a key that the agent is to have from now on.
func (f *Fleet) restKey(w http.ResponseWriter, body []byte) {
	var offer protocol.KeyOffer
	f.must(protocol.Decode(body, &offer))
	b := f.behave()
	if b.Key != nil {
		if refused := b.Key(offer); refused != nil {
			fail(w, refused)
			return
		}
	}
	proof := protocol.KeyOfferProof(f.AgentID, offer.OrderID, offer.PublicKey)
	if !ed25519.Verify(offer.PublicKey, protocol.SigningBytes(protocol.PurposeKeyOffer, proof), offer.Proof) {
		f.t.Error("fake fleet: an offered key has not signed its offer")
	}
	f.mu.Lock()
	f.nextKey = offer.PublicKey
	f.touch()
	f.mu.Unlock()
	if b.KeyTaken != nil {
		b.KeyTaken()
	}
	w.WriteHeader(http.StatusNoContent)
}

// AgentKey is the key that the agent is known by.
func (f *Fleet) AgentKey() ed25519.PublicKey { f.mu.Lock(); defer f.mu.Unlock(); return f.agentKey }

func (f *Fleet) restQueue(w http.ResponseWriter, _ []byte) {
	f.mu.Lock()
	out := protocol.QueueResponse{Commands: f.queue, LastSequence: f.last, ServerTime: time.Now()}
	f.queue = nil
	f.polls++
	f.touch()
	f.mu.Unlock()
	reply(w, out)
}

func (f *Fleet) restResult(w http.ResponseWriter, body []byte) {
	var request protocol.ResultRequest
	f.must(protocol.Decode(body, &request))
	var out protocol.ResultResponse
	for _, b := range request.Batches {
		if ack, say := f.store(b); say {
			out.Acks = append(out.Acks, ack)
		}
	}
	for _, a := range request.Answers {
		f.keepAnswer(a)
	}
	for _, l := range request.Logs {
		f.keepLog(l)
	}
	reply(w, out)
}

func (f *Fleet) restHeartbeat(w http.ResponseWriter, body []byte) {
	var beat protocol.Heartbeat
	f.must(protocol.Decode(body, &beat))
	f.keepHeartbeat(beat)
	w.WriteHeader(http.StatusNoContent)
}
