package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
)

const (
	replayHeader   = "Idempotency-Key"
	replayKeyLeast = 8
	replayKeyMost  = 200
)

// Replays remembers answers, so that a call that is sent again because its answer was lost does nothing twice. fleet/replay
// implements it.
type Replays interface {
	// Begin gives the answer of an earlier call with the key, or nil: then the call may run. It returns fault.Conflict
	// when the earlier call is still running, or was another one.
	Begin(ctx context.Context, scope access.Scope, key string, fingerprint [sha256.Size]byte) (*Reply, error)
	// Finish keeps the answer of the call that Begin let run.
	Finish(ctx context.Context, scope access.Scope, key string, answer Reply) error
	// Abandon forgets the call, which did nothing.
	Abandon(ctx context.Context, scope access.Scope, key string) error
}

// Reply is an answer that is given again.
type Reply struct {
	Status int
	ETag   string
	Body   []byte // JSON
}

// replayable tells whether calls of the operation take an Idempotency-Key: those that make or do something.
func replayable(op Operation) bool {
	return op.Method == http.MethodPost && op.Permission != "" && op.Audit != "" && !op.Stream
}

// once runs the handler, or gives the answer of the same call before.
func (api *API) once(ctx huma.Context, op Operation, scope access.Scope, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	key := r.Header.Get(replayHeader)
	if key == "" || api.config.Replays == nil || !replayable(op) {
		next(ctx)
		return
	}
	fingerprint, err := fingerprintOf(r, w, op)
	if err == nil && (len(key) < replayKeyLeast || len(key) > replayKeyMost) {
		err = fault.Field(fault.Invalid, "header."+replayHeader, "must have %d to %d characters: a random UUID does well", replayKeyLeast, replayKeyMost)
	}
	if err != nil {
		api.refuse(ctx, err)
		return
	}
	before, err := api.config.Replays.Begin(ctx.Context(), scope, key, fingerprint)
	if err != nil {
		api.refuse(ctx, err)
		return
	}
	if before != nil {
		w.Header().Set("Idempotent-Replayed", "true")
		if before.ETag != "" {
			w.Header().Set("ETag", before.ETag)
		}
		if len(before.Body) > 0 {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(before.Status)
		_, _ = w.Write(before.Body) // an error here means that the client is gone
		return
	}
	copied := &copying{humaContext: ctx}
	finished := false
	// What the call did must be known even when its caller is gone, and a panic must not leave it running for ever.
	defer func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx.Context()), 10*time.Second)
		defer cancel()
		var err error
		if finished && copied.status/100 == 2 {
			err = api.config.Replays.Finish(after, scope, key, Reply{Status: copied.status, ETag: w.Header().Get("ETag"), Body: copied.body.Bytes()})
		} else {
			err = api.config.Replays.Abandon(after, scope, key)
		}
		if err != nil {
			api.log.ErrorContext(ctx.Context(), "a call's answer is not kept for repeats", "operation", op.ID, "err", err)
		}
	}()
	next(copied)
	finished = true
}

// fingerprintOf reads the body and tells calls apart; the handler finds the body as it was.
func fingerprintOf(r *http.Request, w http.ResponseWriter, op Operation) (sum [sha256.Size]byte, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, op.MaxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return sum, fault.New(fault.TooLarge, "the body has more than %d bytes", op.MaxBody)
	}
	if err != nil {
		return sum, fault.Wrap(fault.Invalid, err, "the body could not be read")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	hash := sha256.New()
	for _, part := range [][]byte{[]byte(op.ID), []byte(r.URL.Path), []byte(r.URL.RawQuery), body} {
		fmt.Fprintf(hash, "%d:", len(part))
		hash.Write(part)
	}
	hash.Sum(sum[:0])
	return sum, nil
}

type humaContext huma.Context

// copying keeps what a handler answers.
type copying struct {
	humaContext
	status int
	body   bytes.Buffer
}

func (c *copying) Unwrap() huma.Context { return c.humaContext }

func (c *copying) SetStatus(status int) {
	c.status = status
	c.humaContext.SetStatus(status)
}

func (c *copying) BodyWriter() io.Writer { return io.MultiWriter(c.humaContext.BodyWriter(), &c.body) }
