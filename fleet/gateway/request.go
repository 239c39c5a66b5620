package gateway

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/rows"
)

const (
	enrollMax    = 64 << 10 // bytes of an enrolment
	enrollRead   = 2 << 20  // bytes of a longer one that are read and dropped, so that its sender gets to read the refusal
	heartbeatMax = 64 << 10
	keyMax       = 4 << 10
	bodyTime     = 30 * time.Second
	pollTime     = 25 * time.Second // how long a request for commands waits for one
	storeTime    = 90 * time.Second // how long a request with results waits for its commit
	answerTime   = 2 * time.Minute  // how long a request may take until its answer is read
)

// Routes puts the agents' addresses on the API's mux. They answer with protocol.Error, which agents read, and take
// signed requests instead of tokens.
func (g *Gateway) Routes(api *httpapi.API) {
	mux := api.Mux()
	mux.HandleFunc("GET "+httpapi.Prefix+"/agent/connect", g.connect)
	mux.HandleFunc("GET /agent/connect", g.connect)
	mux.HandleFunc("POST "+httpapi.Prefix+"/agent/enroll", g.enroll)
	mux.HandleFunc("POST "+httpapi.Prefix+"/agent/heartbeat", g.signed(heartbeatMax, g.postHeartbeat))
	mux.HandleFunc("POST "+httpapi.Prefix+"/agent/key", g.signed(keyMax, g.postKey))
	mux.HandleFunc("GET "+httpapi.Prefix+"/scan/queue", g.signed(0, g.getQueue))
	mux.HandleFunc("POST "+httpapi.Prefix+"/scan/result", g.signed(protocol.InflatedMax, g.postResult))
}

// statusOf is the HTTP status of a refusal.
func statusOf(code string) int {
	switch code {
	case protocol.CodeBusy:
		return http.StatusServiceUnavailable
	case protocol.CodeUnknownAgent, protocol.CodeRevoked, protocol.CodePending, protocol.CodeSignature, protocol.CodeEnrollRefused, protocol.CodeUnknownOrder:
		return http.StatusForbidden
	case protocol.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	default:
		return http.StatusBadRequest
	}
}

// writeError answers with a refusal; a status of 0 is the code's own.
func writeError(w http.ResponseWriter, refused *protocol.Error, status int) {
	if status == 0 {
		status = statusOf(refused.Code)
	}
	if refused.RetryMillis > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt((refused.RetryMillis+999)/1000, 10))
	}
	writeJSON(w, status, refused)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // an error here means that the client is gone
}

// readBody reads a bounded body within a bounded time.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *protocol.Error) {
	control := http.NewResponseController(w) // deadlines are unsupported only by test recorders
	control.SetReadDeadline(time.Now().Add(bodyTime))
	control.SetWriteDeadline(time.Now().Add(answerTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &protocol.Error{Code: protocol.CodeTooLarge, Message: "the body is too large"}
	case err != nil:
		return nil, &protocol.Error{Code: protocol.CodeInvalid, Message: "the body did not arrive whole"}
	}
	control.SetReadDeadline(time.Time{}) // or it would end a handler that takes longer
	return body, nil
}

func (g *Gateway) enroll(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" || len(r.Header["Cookie"]) > 0 {
		writeError(w, &protocol.Error{Code: protocol.CodeInvalid, Message: "this address is for agents, not for browsers"}, http.StatusForbidden)
		return
	}
	sent := r.Body
	body, refused := readBody(w, r, enrollMax)
	if refused != nil && refused.Code == protocol.CodeTooLarge {
		// A secret that long is wrong like any other wrong one.
		if _, err := io.Copy(io.Discard, io.LimitReader(sent, enrollRead)); err == nil {
			writeError(w, g.refusal(r.Context(), g.Agents.EnrollUnread(r.Context(), httpapi.Address(r.Context()))), 0)
			return
		}
	}
	if refused != nil {
		writeError(w, refused, 0)
		return
	}
	var request protocol.EnrollRequest
	if err := protocol.Decode(body, &request); err != nil {
		writeError(w, invalid(err), 0)
		return
	}
	answer, err := g.Agents.Enroll(r.Context(), httpapi.Address(r.Context()), request)
	if err != nil {
		writeError(w, g.refusal(r.Context(), err), 0)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// signed checks the signature of a request before its handler gets it. What goes wrong in the handler is its error.
func (g *Gateway) signed(limit int64, handle func(ctx context.Context, identity agents.Identity, r *http.Request, body []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := g.authenticated(w, r, limit, handle)
		if err != nil {
			writeError(w, g.refusal(r.Context(), err), 0)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

func (g *Gateway) authenticated(w http.ResponseWriter, r *http.Request, limit int64, handle func(ctx context.Context, identity agents.Identity, r *http.Request, body []byte) (any, error)) (any, error) {
	if r.Header.Get("Origin") != "" || len(r.Header["Cookie"]) > 0 {
		return nil, &protocol.Error{Code: protocol.CodeInvalid, Message: "this address is for agents, not for browsers"}
	}
	ctx := r.Context()
	id, err := uuid.Parse(r.Header.Get(protocol.HeaderAgent))
	if err != nil {
		return nil, &protocol.Error{Code: protocol.CodeUnknownAgent, Message: "the header " + protocol.HeaderAgent + " holds no agent's id"}
	}
	identity, err := g.Agents.Identify(ctx, id)
	if err != nil {
		return nil, err // before anything is read for it
	}
	stamp := r.Header.Get(protocol.HeaderTimestamp)
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return nil, &protocol.Error{Code: protocol.CodeInvalid, Message: "the header " + protocol.HeaderTimestamp + " holds no time"}
	}
	if refused := checkClock(at, g.Now()); refused != nil {
		return nil, refused
	}
	signature, err := base64.RawURLEncoding.DecodeString(r.Header.Get(protocol.HeaderSignature))
	if err != nil {
		return nil, &protocol.Error{Code: protocol.CodeSignature, Message: "the header " + protocol.HeaderSignature + " holds no signature"}
	}
	release, err := g.admit(ctx, identity, r.ContentLength, limit)
	if err != nil {
		return nil, err
	}
	defer release()
	body, refused := readBody(w, r, limit)
	if refused != nil {
		return nil, refused
	}
	payload := protocol.RequestBytes(r.Method, r.RequestURI, r.Header.Get(protocol.HeaderAgent), stamp, body)
	done, err := g.work.acquire(ctx, identity.Tenant, 1)
	if err != nil {
		return nil, err
	}
	identity, err = g.identify(ctx, id, func(key ed25519.PublicKey) bool {
		return ed25519.Verify(key, protocol.SigningBytes(protocol.PurposeRequest, payload), signature)
	})
	done()
	if err != nil {
		return nil, err
	}
	if identity, err = g.Agents.Proved(ctx, identity); err != nil {
		return nil, err
	}
	return handle(ctx, identity, r, body)
}

func (g *Gateway) postHeartbeat(ctx context.Context, identity agents.Identity, _ *http.Request, body []byte) (any, error) {
	header, refused := g.heartbeat(identity, body)
	if refused != nil {
		return nil, refused
	}
	if _, version, err := g.Configs.Config(ctx, identity); err != nil {
		return nil, err
	} else if version != header.ConfigVersion {
		g.outdated(identity)
	}
	last, err := g.lastSequence(ctx, identity)
	if err != nil {
		return nil, err
	}
	return protocol.Welcome{ServerTime: g.Now().UTC(), LastSequence: last}, nil
}

func (g *Gateway) postResult(ctx context.Context, identity agents.Identity, _ *http.Request, body []byte) (any, error) {
	var request struct {
		Batches []json.RawMessage `json:"batches"`
		Answers []json.RawMessage `json:"answers"`
		Logs    []json.RawMessage `json:"logs"`
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	done, err := g.work.acquire(ctx, identity.Tenant, 1)
	if err != nil {
		return nil, err
	}
	err = protocol.Decode(body, &request)
	done()
	if err != nil {
		return nil, invalid(err)
	}
	g.Agents.Seen(identity, nil, -1)
	g.mailbox(identity, g.Now())
	b := g.budgetOf(identity.ID)
	if busy := g.spend(ctx, b.bytes, len(body)); busy != nil {
		return nil, busy
	}
	acks, err := g.storeBatches(ctx, identity, b, request.Batches)
	if err != nil {
		return nil, err
	}
	for _, answer := range request.Answers {
		if refused := g.answer(ctx, identity, answer); refused != nil && len(request.Batches) == 0 {
			return nil, refused // with batches, their acknowledgements matter more
		}
	}
	for _, line := range request.Logs[:min(len(request.Logs), 100)] {
		if refused := g.line(ctx, identity, line); refused != nil && len(request.Batches) == 0 {
			return nil, refused
		}
	}
	return protocol.ResultResponse{Acks: acks}, nil
}

// storeBatches stores batches in their order and acknowledges those before the first that has to be sent again.
func (g *Gateway) storeBatches(ctx context.Context, identity agents.Identity, b budget, batches []json.RawMessage) ([]protocol.Ack, error) {
	acks := []protocol.Ack{}
	ends := make(chan ending, len(batches))
	session := &rows.Session{}
	var refused *protocol.Error
	sent := 0
	for _, batch := range batches {
		if refused = g.batch(ctx, identity, b, session, batch, func(e ending) { ends <- e }); refused != nil {
			break
		}
		sent++
	}
	var resync []string
	for range sent {
		var e ending
		select {
		case e = <-ends:
		case <-ctx.Done():
			return acks, nil
		}
		if e.ack == nil {
			refused = &protocol.Error{Code: protocol.CodeBusy, Message: "the batch was not stored: send it again", RetryMillis: 2000}
			continue
		}
		acks = append(acks, *e.ack)
		if e.result.Clone {
			g.Agents.ReportClone(ctx, identity, "The agent's sequence was used for other content, as by an endpoint that was copied or set back")
		}
		if e.result.Resync && e.collection != "" {
			resync = append(resync, e.collection)
		}
	}
	if len(resync) > 0 {
		command, err := g.resync(ctx, identity, resync...)
		if err != nil {
			return nil, err
		}
		g.post(identity.ID, identity.TenantID, command)
	}
	if len(acks) == 0 && refused != nil {
		return nil, refused
	}
	return acks, nil
}

// resync signs the order to send collections anew.
func (g *Gateway) resync(ctx context.Context, identity agents.Identity, collections ...string) (protocol.Command, error) {
	return g.Signer.SignCommand(ctx, identity.TenantID, identity.ID.String(), protocol.CommandResync, 0, protocol.Resync{Collections: collections}, protocol.QueryLife)
}
