// Package frame packs protocol messages for the wire: one zstd frame around one JSON envelope, within the protocol's
// bounds in both directions.
package frame

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/tenantra/tenantra/agent/protocol"
)

// ErrTooLarge tells that a frame breaks FrameMax or InflatedMax.
var ErrTooLarge = errors.New("frame is too large")

const windowMax = 8 << 20

// Encoder and decoder keep buffers; the pools let thousands of idle connections share a few.
var (
	encoders = sync.Pool{New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // the options are constant
		}
		return e
	}}
	decoders = sync.Pool{New: func() any {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(protocol.InflatedMax), zstd.WithDecoderMaxWindow(windowMax), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			panic(err)
		}
		return d
	}}
)

// Encode packs a message. A nil body is left out.
func Encode(kind protocol.Type, id string, body any) ([]byte, error) {
	envelope := protocol.Envelope{Type: kind, ID: id}
	if body != nil {
		var err error
		if envelope.Body, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("encode %s: %w", kind, err)
		}
	}
	text, err := json.Marshal(envelope)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	if len(text) > protocol.InflatedMax {
		return nil, fmt.Errorf("encode %s: %w", kind, ErrTooLarge)
	}
	e := encoders.Get().(*zstd.Encoder)
	packed := e.EncodeAll(text, nil)
	encoders.Put(e)
	if len(packed) > protocol.FrameMax {
		return nil, fmt.Errorf("encode %s: %w", kind, ErrTooLarge)
	}
	return packed, nil
}

// unsaidMax is what a frame may unpack to that does not say its size. Encoders leave the size out below 256 bytes.
const unsaidMax = 16 << 10

// Size gives the most that a frame unpacks to, before anything is unpacked: the size that it says, to which Decode holds it.
// So a receiver knows what a message of a few hundred bytes may cost.
func Size(packed []byte) (int, error) {
	var header zstd.Header
	if err := header.Decode(packed); err != nil {
		return 0, fmt.Errorf("decode frame: %w", err)
	}
	switch {
	case !header.HasFCS:
		return unsaidMax, nil
	case header.FrameContentSize > protocol.InflatedMax:
		return 0, ErrTooLarge
	}
	return int(header.FrameContentSize), nil
}

// Decode unpacks a frame. The body is read separately, by protocol.Decode, once its type is known.
func Decode(packed []byte) (protocol.Envelope, error) {
	var envelope protocol.Envelope
	if len(packed) > protocol.FrameMax {
		return envelope, ErrTooLarge
	}
	size, err := Size(packed)
	if err != nil {
		return envelope, err
	}
	d := decoders.Get().(*zstd.Decoder)
	text, err := d.DecodeAll(packed, make([]byte, 0, size))
	decoders.Put(d)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return envelope, ErrTooLarge
	}
	if err != nil {
		return envelope, fmt.Errorf("decode frame: %w", err)
	}
	if err := protocol.Decode(text, &envelope); err != nil {
		return protocol.Envelope{}, err
	}
	if envelope.Type == "" {
		return protocol.Envelope{}, errors.New("decode frame: no type")
	}
	return envelope, nil
}
