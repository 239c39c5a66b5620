package minidump

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

// sample is a dump of one module that read where it may not.
func sample() []byte {
	b := make([]byte, headerBytes+4*directoryEntry)
	copy(b, "MDMP")
	put := func(at int, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }
	put(8, 4)
	put(12, headerBytes)
	put(20, 1767323045)
	stream := func(i int, kind uint32, content []byte) {
		at := headerBytes + i*directoryEntry
		put(at, kind)
		put(at+4, uint32(len(content)))
		put(at+8, uint32(len(b)))
		b = append(b, content...)
	}
	words := func(v ...uint32) []byte {
		var out []byte
		for _, w := range v {
			out = binary.LittleEndian.AppendUint32(out, w)
		}
		return out
	}
	stream(0, exceptions, words(77, 0, 0xC0000005, 0, 0, 0, 0x401234, 0))
	stream(1, system, words(0, 0, 10, 0, 22631))
	stream(2, misc, words(24, processID|processTimes, 4242, 1767323000, 0, 0))
	nameAt := uint32(len(b))
	name := utf16.Encode([]rune(`C:\Tools\crash.exe`))
	b = append(b, words(uint32(2*len(name)))...)
	for _, u := range name {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	module := make([]byte, moduleBytes)
	copy(module, words(0x400000, 0, 0x10000, 0, 0, nameAt, 0xFEEF04BD, 0, 1<<16|2, 3<<16|4))
	stream(3, modules, append(words(1), module...))
	return b
}

func TestRead(t *testing.T) {
	t.Parallel()
	data := sample()
	d, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if d.PID != 4242 || d.Thread != 77 || d.Code != 0xC0000005 || d.Address != 0x401234 || d.Build != 22631 || d.Time.Sub(d.Started).Seconds() != 45 {
		t.Errorf("%+v", d)
	}
	if d.Program.Path != `C:\Tools\crash.exe` || d.Program.Version != "1.2.3.4" || d.ModuleAt(d.Address).Path != d.Program.Path || d.ModuleAt(1).Path != "" {
		t.Errorf("%+v", d.Program)
	}
	for n := range len(data) {
		_, _ = Read(bytes.NewReader(data[:n])) // no panic, wherever it ends
	}
	if _, err := Read(bytes.NewReader([]byte("MDMP"))); err == nil {
		t.Error("four bytes are a dump")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sample())
	f.Fuzz(func(_ *testing.T, data []byte) {
		if d, err := Read(bytes.NewReader(data)); err == nil {
			d.ModuleAt(d.Address)
		}
	})
}
