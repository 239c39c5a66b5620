package prefetch

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
	"unicode/utf16"
)

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

var runAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func fileTime(t time.Time) uint64 { return uint64(t.Unix()+11644473600) * 1e7 }

// sample is a trace of Windows 10 with one volume.
func sample() []byte {
	const info, files = 296, `\VOLUME{1}\WINDOWS\CMD.EXE` + "\x00" + `\VOLUME{1}\WINDOWS\NTDLL.DLL` + "\x00"
	b := make([]byte, header+info)
	binary.LittleEndian.PutUint32(b, 30)
	copy(b[4:], magic)
	copy(b[16:], wide("CMD.EXE"))
	binary.LittleEndian.PutUint32(b[76:], 0x12345678)
	put := func(at int, v uint32) { binary.LittleEndian.PutUint32(b[header+at:], v) }
	put(0, info)
	put(16, uint32(len(b)))
	put(20, uint32(len(wide(files))))
	put(116, 7)
	binary.LittleEndian.PutUint64(b[header+44:], fileTime(runAt))
	binary.LittleEndian.PutUint64(b[header+52:], fileTime(runAt.Add(-time.Hour)))
	names := wide(files)
	volumeAt := uint32(len(b) + len(names))
	put(24, volumeAt)
	put(28, 1)
	b = append(b, names...)
	volume := make([]byte, 96)
	device := wide(`\VOLUME{1}`)
	binary.LittleEndian.PutUint32(volume, 96)
	binary.LittleEndian.PutUint32(volume[4:], uint32(len(device)/2))
	binary.LittleEndian.PutUint64(volume[8:], fileTime(runAt))
	binary.LittleEndian.PutUint32(volume[16:], 0xCAFE)
	volume = append(volume, device...)
	binary.LittleEndian.PutUint32(volume[28:], uint32(len(volume)))
	binary.LittleEndian.PutUint32(volume[32:], 1)
	directory := wide(`\VOLUME{1}\WINDOWS`)
	volume = binary.LittleEndian.AppendUint16(volume, uint16(len(directory)/2))
	volume = append(append(volume, directory...), 0, 0)
	binary.LittleEndian.PutUint32(b[header+32:], uint32(len(volume)))
	return append(b, volume...)
}

// compress writes data with codes of nine bits for all symbols. Runs of zeros become matches of what lies one byte back.
func compress(data []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(compressed), uint32(len(data)))
	for len(data) > 0 {
		block := data[:min(len(data), blockBytes)]
		data = data[len(block):]
		out = append(out, bytes.Repeat([]byte{0x99}, tableBytes)...)
		var bits []byte
		put := func(symbol int) {
			for i := 8; i >= 0; i-- {
				bits = append(bits, byte(symbol>>i&1))
			}
		}
		for i := 0; i < len(block); i++ {
			run := 0
			for i > 0 && block[i-1] == 0 && run < 14+matchLeast && i+run < len(block) && block[i+run] == 0 {
				run++
			}
			if run >= matchLeast {
				put(matchStart + run - matchLeast) // no bits of offset: one back
				i += run - 1
				continue
			}
			put(int(block[i]))
		}
		for len(bits)%16 != 0 || len(bits) < 32 {
			bits = append(bits, 0)
		}
		for ; len(bits) > 0; bits = bits[16:] {
			var word uint16
			for _, bit := range bits[:16] {
				word = word<<1 | uint16(bit)
			}
			out = binary.LittleEndian.AppendUint16(out, word)
		}
	}
	return append(out, 0, 0, 0, 0)
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"plain": sample(), "compressed": compress(sample())} {
		trace, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if trace.Program != "CMD.EXE" || trace.Hash != 0x12345678 || trace.RunCount != 7 || len(trace.Runs) != 2 || !trace.Runs[0].Equal(runAt) {
			t.Errorf("%s: %+v", name, trace)
		}
		if len(trace.Files) != 2 || trace.Files[1] != `\VOLUME{1}\WINDOWS\NTDLL.DLL` || len(trace.Directories) != 1 || trace.Directories[0] != `\VOLUME{1}\WINDOWS` {
			t.Errorf("%s: files %q, directories %q", name, trace.Files, trace.Directories)
		}
		if len(trace.Volumes) != 1 || trace.Volumes[0].Serial != 0xCAFE || trace.Volumes[0].Device != `\VOLUME{1}` || !trace.Volumes[0].Created.Equal(runAt) {
			t.Errorf("%s: volumes %+v", name, trace.Volumes)
		}
	}
}

func TestDecompressLongMatches(t *testing.T) {
	t.Parallel()
	data := append([]byte("start"), make([]byte, 3000)...)
	got, err := decompress(compress(data)[8:], len(data))
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestDamaged(t *testing.T) {
	t.Parallel()
	whole := compress(sample())
	for name, data := range map[string][]byte{
		"empty": nil, "text": []byte("text"), "head": []byte(compressed), "no table": whole[:100], "no codes": whole[:8+tableBytes],
		"huge": append([]byte(compressed), 0xFF, 0xFF, 0xFF, 0xFF), "all codes of one bit": append(append([]byte(nil), whole[:8]...), bytes.Repeat([]byte{0x11}, 400)...),
	} {
		if _, err := Parse(data); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample())
	f.Add(compress(sample()))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if len(data) > 8 && bytes.HasPrefix(data, []byte(compressed)) && binary.LittleEndian.Uint32(data[4:]) > 1<<20 {
			return
		}
		_, _ = Parse(data)
	})
}
