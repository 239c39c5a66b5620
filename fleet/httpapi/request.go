package httpapi

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
)

// request is what becomes known of a request on its way in, for the log.
type request struct {
	id        string
	address   string
	operation string
	tenant    uuid.UUID
	actor     uuid.UUID
}

// responseTime is how long writing an answer may take. Streams and sockets set their own.
const responseTime = 2 * time.Minute

type requestKey struct{}

// requestOf never gives nil, so that handlers can be called without the middleware.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// RequestID names the request of ctx in the log, "" outside of one.
func RequestID(ctx context.Context) string { return requestOf(ctx).id }

// Address is the network address of the request's client, for handlers on Mux that have no scope.
func Address(ctx context.Context) string { return requestOf(ctx).address }

// trace gives the request an id, finds the client's address, and afterwards writes the access log: pattern, status and
// ids, never a query string or a body.
func (api *API) trace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		info := &request{id: newRequestID(), address: api.clientAddress(r)}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, info))
		w.Header().Set("X-Request-Id", info.id)
		// Set for every request, because a deadline stays on a connection that is used again.
		control := http.NewResponseController(w) // deadlines are unsupported only by test recorders
		control.SetWriteDeadline(started.Add(responseTime))
		if r.ContentLength != 0 {
			// A body that no handler wants is read by net/http before the answer, for as long as this lets it.
			control.SetReadDeadline(started.Add(bodyReadTime))
		}
		recorder := &recorder{ResponseWriter: w}
		defer func() {
			status := recorder.status
			if status == 0 {
				status = http.StatusOK
			}
			took := time.Since(started)
			name := info.operation
			if name == "" {
				name = "other"
			}
			api.metrics.observe(name, status, took)
			api.log.DebugContext(r.Context(), "request", "request_id", info.id, "method", r.Method, "route", r.Pattern,
				"operation", info.operation, "status", status, "duration_ms", took.Milliseconds(), "bytes", recorder.bytes,
				"tenant_id", info.tenant, "actor_id", info.actor, "address", info.address)
		}()
		next.ServeHTTP(recorder, r)
	})
}

func newRequestID() string {
	id := make([]byte, 8)
	rand.Read(id)
	return hex.EncodeToString(id)
}

// clientAddress is the TCP peer; behind trusted proxies, the rightmost forwarded address that is no such proxy. Any
// other header is a claim of the client and counts for nothing.
func (api *API) clientAddress(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := peer.Addr().Unmap()
	if len(api.proxies) == 0 {
		return address.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && api.trusted(address); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop.Unmap()
	}
	return address.String()
}

func (api *API) trusted(address netip.Addr) bool {
	for _, prefix := range api.proxies {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(data)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Hijack is for the websocket library, which asks the writer itself.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.status = http.StatusSwitchingProtocols
	return http.NewResponseController(r.ResponseWriter).Hijack()
}
