package osquery

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// prefixes are where osqueryd may be pointed: with the API's other addresses, and where those of Fleet are.
var prefixes = []string{httpapi.Prefix + "/osquery", "/api/osquery"}

// keyRequest is the body of requests that say nothing but who asks.
type keyRequest struct {
	NodeKey string `json:"node_key"`
}

// Routes puts the protocol's addresses on the API's mux. A node proves itself by the key in its body.
func (s *Service) Routes(api *httpapi.API) {
	mux := api.Mux()
	for _, prefix := range prefixes {
		mux.HandleFunc("POST "+prefix+"/enroll", serve(s, enrollMax, func(r *http.Request, in enrollRequest) (any, error) {
			key, err := s.enroll(r.Context(), httpapi.Address(r.Context()), in)
			if err != nil {
				return nil, err
			}
			return map[string]any{"node_key": key, "node_invalid": false}, nil
		}))
		mux.HandleFunc("POST "+prefix+"/config", serve(s, smallMax, func(r *http.Request, in keyRequest) (any, error) {
			n, err := s.identify(r.Context(), in.NodeKey)
			if err != nil {
				return nil, err
			}
			return s.config(r.Context(), in.NodeKey, n)
		}))
		mux.HandleFunc("POST "+prefix+"/log", serve(s, bodyMax, func(r *http.Request, in logRequest) (any, error) {
			n, err := s.admitted(r, in.NodeKey)
			if err != nil {
				return nil, err
			}
			return struct{}{}, s.log(r.Context(), in.NodeKey, n, in)
		}))
		mux.HandleFunc("POST "+prefix+"/distributed/read", serve(s, smallMax, func(r *http.Request, in keyRequest) (any, error) {
			n, err := s.identify(r.Context(), in.NodeKey)
			if err != nil {
				return nil, err
			}
			asked, err := s.read(r.Context(), n)
			if asked == nil {
				asked = map[string]string{}
			}
			return map[string]any{"queries": asked}, err
		}))
		mux.HandleFunc("POST "+prefix+"/distributed/write", serve(s, bodyMax, func(r *http.Request, in writeRequest) (any, error) {
			n, err := s.admitted(r, in.NodeKey)
			if err != nil {
				return nil, err
			}
			return struct{}{}, s.write(r.Context(), in.NodeKey, n, in)
		}))
	}
}

// admitted gives the node of a key, when it may send as much as it did.
func (s *Service) admitted(r *http.Request, key string) (node, error) {
	n, err := s.identify(r.Context(), key)
	if err != nil {
		return node{}, err
	}
	if busy := spend(r.Context(), s.activity(n.ID).bytes, int(max(r.ContentLength, 0))); busy != nil {
		return node{}, busy
	}
	return n, nil
}

// serve reads a body of at most limit bytes into the handler's input and writes its answer.
func serve[I any](s *Service, limit int64, handle func(r *http.Request, in I) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "" || len(r.Header["Cookie"]) > 0 {
			s.refuse(w, r, http.StatusForbidden, &protocol.Error{Code: protocol.CodeInvalid, Message: "this address is for osqueryd, not for browsers"})
			return
		}
		body, release, err := s.readBody(w, r, limit)
		if err != nil {
			s.refuse(w, r, 0, err)
			return
		}
		defer release()
		var in I
		if err := decode(body, &in); err != nil {
			s.refuse(w, r, 0, &protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()})
			return
		}
		out, err := handle(r, in)
		if err != nil {
			s.refuse(w, r, 0, err)
			return
		}
		writeJSON(w, http.StatusOK, out)
	}
}

// readBody reads a body that may be packed by gzip, within a bounded time. What it holds of the memory for bodies is free
// after release.
func (s *Service) readBody(w http.ResponseWriter, r *http.Request, limit int64) (body []byte, release func(), err error) {
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Now().Add(bodyTime)) // unsupported only by test recorders
	control.SetWriteDeadline(time.Now().Add(bodyTime + storeTime))
	reader := io.Reader(http.MaxBytesReader(w, r.Body, min(limit, packedMax)))
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		limit = min(limit, packedMax)
	case "gzip":
		unpacked, err := gzip.NewReader(reader)
		if err != nil {
			return nil, nil, unread(err)
		}
		reader = unpacked
	default:
		return nil, nil, &protocol.Error{Code: protocol.CodeInvalid, Message: "a body is plain or packed by gzip"}
	}
	start, err := io.ReadAll(io.LimitReader(reader, min(limit, freeMax)+1))
	if err != nil {
		return nil, nil, unread(err)
	}
	if int64(len(start)) <= min(limit, freeMax) {
		control.SetReadDeadline(time.Time{})
		return start, func() {}, nil
	}
	address := httpapi.Address(r.Context())
	if limit > freeMax {
		if !s.bodies.take(address, limit) {
			return nil, nil, &protocol.Error{Code: protocol.CodeBusy, Message: "too many large bodies at once: send again later", RetryMillis: 5000}
		}
		rest, err := io.ReadAll(io.LimitReader(reader, limit-int64(len(start))+1))
		if err != nil {
			s.bodies.give(address, limit)
			return nil, nil, unread(err)
		}
		start = append(start, rest...)
		if int64(len(start)) <= limit {
			s.bodies.give(address, limit-int64(len(start)))
			control.SetReadDeadline(time.Time{})
			return start, func() { s.bodies.give(address, int64(len(start))) }, nil
		}
		s.bodies.give(address, limit)
	}
	return nil, nil, &protocol.Error{Code: protocol.CodeTooLarge, Message: "the body is too large: set logger_tls_max_lines and logger_tls_max_linesize lower"}
}

func unread(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &protocol.Error{Code: protocol.CodeTooLarge, Message: "the body is too large: set logger_tls_max_lines and logger_tls_max_linesize lower"}
	}
	return &protocol.Error{Code: protocol.CodeInvalid, Message: "the body did not arrive whole"}
}

// bodies is the memory that larger bodies hold. Safe for concurrent use.
type bodies struct {
	mu   sync.Mutex
	all  int64
	held map[string]int64 // by address
}

// take takes n bytes for an address, if there are so many: who has nothing of it yet may take the last, others half at most.
func (b *bodies) take(address string, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all+n > bodiesMax || b.held[address] > 0 && b.held[address]+n > bodiesMax/2 {
		return false
	}
	b.all, b.held[address] = b.all+n, b.held[address]+n
	return true
}

func (b *bodies) give(address string, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all -= n
	if b.held[address] -= n; b.held[address] <= 0 {
		delete(b.held, address)
	}
}

// refuse answers an error. A key or a secret that does not hold has osqueryd enrol again, which it hears with status 200.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	told := s.refusal(r.Context(), err)
	answer := map[string]any{"error": told.Message}
	switch told.Code {
	case protocol.CodeUnknownAgent, protocol.CodeEnrollRefused:
		answer["node_invalid"] = true
		status = http.StatusOK
	case protocol.CodePending:
		status = http.StatusForbidden
	case protocol.CodeTooLarge:
		status = http.StatusRequestEntityTooLarge
	case protocol.CodeBusy:
		w.Header().Set("Retry-After", strconv.FormatInt(max(1, (told.RetryMillis+999)/1000), 10))
		status = http.StatusServiceUnavailable
	}
	if status == 0 {
		status = http.StatusBadRequest
	}
	writeJSON(w, status, answer)
}

// refusal gives what a node is told of an error. What it can do nothing about stays in the log.
func (s *Service) refusal(ctx context.Context, err error) *protocol.Error {
	var known *protocol.Error
	if errors.As(err, &known) {
		return known
	}
	var told *fault.Error
	if errors.As(err, &told) && (told.Code == fault.Invalid || told.Code == fault.NotFound) {
		return &protocol.Error{Code: protocol.CodeInvalid, Message: told.Message}
	}
	s.Log.ErrorContext(ctx, "serving an osqueryd", "err", err)
	return &protocol.Error{Code: protocol.CodeBusy, Message: "the fleet cannot serve now: try again later", RetryMillis: 5000}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // an error here means that the client is gone
}
