package frame

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/tenantra/tenantra/agent/protocol"
)

func TestFrameRoundTrip(t *testing.T) {
	t.Parallel()
	packed, err := Encode(protocol.TypeAck, "7", protocol.Ack{Sequence: 9})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(packed)
	if err != nil || got.Type != protocol.TypeAck || got.ID != "7" {
		t.Fatalf("%+v: %v", got, err)
	}
	var ack protocol.Ack
	if err := protocol.Decode(got.Body, &ack); err != nil || ack.Sequence != 9 {
		t.Fatalf("%+v: %v", ack, err)
	}
}

func TestDecodeBoundsWhatItUnpacks(t *testing.T) {
	t.Parallel()
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := e.EncodeAll(make([]byte, protocol.InflatedMax+1), nil)
	if _, err := Decode(bomb); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a bomb of %d bytes: %v", len(bomb), err)
	}
	if _, err := Decode(make([]byte, protocol.FrameMax+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large frame: %v", err)
	}
	for _, text := range []string{``, `{}`, `null`, `{"type":"ack","x":1}`, `[`} {
		if got, err := Decode(e.EncodeAll([]byte(text), nil)); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
	if _, err := Decode([]byte("no zstd")); err == nil {
		t.Error("plain text was read")
	}
}

func TestSizeIsWhatDecodeHoldsAFrameTo(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 200, 300, 70_000, 3 << 20} {
		packed, err := Encode(protocol.TypeLog, "", strings.Repeat("a", length))
		if err != nil {
			t.Fatal(err)
		}
		size, err := Size(packed)
		if err != nil || size < length || size > max(2*length, unsaidMax) {
			t.Errorf("a body of %d bytes: size %d, %v", length, size, err)
		}
		if _, err := Decode(packed); err != nil {
			t.Errorf("a body of %d bytes: %v", length, err)
		}
		if _, err := Decode(append(packed, packed...)); err == nil {
			t.Errorf("two frames of %d bytes were read as one", length)
		}
	}
	var unsaid bytes.Buffer
	e, err := zstd.NewWriter(&unsaid)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 { // in several blocks, or the encoder knows the size after all
		if _, err := e.Write([]byte(strings.Repeat(" ", unsaidMax))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.Write([]byte(`{"type":"log"}`)); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := Decode(unsaid.Bytes()); err == nil {
		t.Errorf("a large frame that does not say its size was read as %+v", got)
	}
}

func FuzzDecode(f *testing.F) {
	good, err := Encode(protocol.TypeHeartbeat, "1", protocol.Heartbeat{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(bytes.Repeat([]byte{0x28, 0xb5, 0x2f, 0xfd}, 3))
	f.Fuzz(func(t *testing.T, packed []byte) { _, _ = Decode(packed) })
}
