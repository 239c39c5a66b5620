package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// streamWriteTime is how long a reader may take no byte before the stream is given up.
const streamWriteTime = 30 * time.Second

// Stream is the output of an operation with Stream set.
type Stream = huma.StreamResponse

// NDJSON streams events, one JSON object a line, each sent at once. produce runs until it returns; its context ends
// when the reader is gone, stops reading or loses the session. After the first event an error can no longer be
// reported, so produce sends it as an event of its own kind.
func NDJSON(produce func(ctx context.Context, send func(event any) error) error) *Stream {
	return &Stream{Body: func(ctx huma.Context) {
		_, w := humago.Unwrap(ctx)
		control := http.NewResponseController(w)
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("X-Accel-Buffering", "no")
		control.SetReadDeadline(time.Time{}) // the one for reading the body would end a stream that outlives it
		control.SetWriteDeadline(time.Now().Add(streamWriteTime))
		w.WriteHeader(http.StatusOK)
		if err := control.Flush(); err != nil {
			return
		}
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		inner := ctx.Context()
		send := func(event any) error {
			if err := inner.Err(); err != nil {
				return err
			}
			control.SetWriteDeadline(time.Now().Add(streamWriteTime)) // unsupported only by test recorders
			if err := encoder.Encode(event); err != nil {
				return err
			}
			return control.Flush()
		}
		// An error means that the reader is gone, or was told by an event.
		_ = produce(inner, send)
	}}
}
