package system

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestIntelMEInfo(t *testing.T) { tabletest.Run(t, IntelMEInfo) }

// registers answers as the device does: a whole register at the offset of its number, else an error.
type registers map[int64]uint64

func (r registers) ReadAt(p []byte, number int64) (int, error) {
	value, ok := r[number]
	if !ok {
		return 0, bytes.ErrTooLarge
	}
	binary.LittleEndian.PutUint64(p, value)
	return len(p), nil
}

func TestReadModelRegisters(t *testing.T) {
	t.Parallel()
	got := readModelRegisters(registers{0x1a0: 1<<38 | 0x850089, 0x3a: 5, 0xce: 1 << 63})
	want := modelRegisters{TurboDisabled: tables.Some(int64(1)), FeatureControl: tables.Some(int64(5)), PlatformInfo: tables.Some(int64(-1 << 63))}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := readModelRegisters(registers{}); got != (modelRegisters{}) {
		t.Errorf("without registers: %+v", got)
	}
}

func TestParseIntelME(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0:11.8.50.3425\n0:11.8.50.3425\n0:11.8.50.3399\n": "11.8.50.3425", "0:1.2": "1.2", "": "", "11.8": "", "0:": "", "0:1.2; rm": "", "\n0:1\n": "",
	} {
		if got, ok := parseIntelME(text); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %t", text, got, ok)
		}
	}
}
