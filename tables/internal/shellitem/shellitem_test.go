package shellitem

import (
	"encoding/binary"
	"testing"
	"time"
	"unicode/utf16"
)

var at = time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)

func dos(t time.Time) uint32 {
	return uint32((t.Year()-1980)<<9|int(t.Month())<<5|t.Day()) | uint32(t.Hour()<<11|t.Minute()<<5|t.Second()/2)<<16
}

// file makes the item of a folder as Windows 10 writes it.
func file(short, long string) []byte {
	b := make([]byte, 14)
	b[2] = 0x31
	binary.LittleEndian.PutUint32(b[8:], dos(at))
	b = append(append(b, short...), 0)
	if len(b)%2 != 0 {
		b = append(b, 0)
	}
	blockAt := len(b)
	block := make([]byte, 46)
	binary.LittleEndian.PutUint16(block[2:], 9)
	binary.LittleEndian.PutUint32(block[4:], 0xBEEF0004)
	binary.LittleEndian.PutUint32(block[8:], dos(at.Add(-time.Hour)))
	binary.LittleEndian.PutUint32(block[12:], dos(at.Add(time.Hour)))
	binary.LittleEndian.PutUint64(block[20:], 7<<48|12345)
	for _, u := range utf16.Encode([]rune(long + "\x00")) {
		block = binary.LittleEndian.AppendUint16(block, u)
	}
	binary.LittleEndian.PutUint16(block, uint16(len(block)+2))
	b = append(b, block...)
	b = binary.LittleEndian.AppendUint16(b, uint16(blockAt))
	binary.LittleEndian.PutUint16(b, uint16(len(b)))
	return append(b, 0, 0)
}

func TestParse(t *testing.T) {
	t.Parallel()
	item, ok := Parse(file("LONGNA~1", "Long name"))
	want := Item{Name: "Long name", Modified: at, Created: at.Add(-time.Hour), Accessed: at.Add(time.Hour), Entry: 12345, Sequence: 7}
	if !ok || item != want {
		t.Errorf("%+v, %v", item, ok)
	}
	computer := append([]byte{20, 0, 0x1F, 0x50}, 0xE0, 0x4F, 0xD0, 0x20, 0xEA, 0x3A, 0x69, 0x10, 0xA2, 0xD8, 0x08, 0x00, 0x2B, 0x30, 0x30, 0x9D)
	if item, ok := Parse(computer); !ok || item.Name != "My Computer" {
		t.Errorf("%+v, %v", item, ok)
	}
	if item, ok := Parse(append([]byte{25, 0, 0x2F}, append([]byte(`C:\`), make([]byte, 19)...)...)); !ok || item.Name != "C:" {
		t.Errorf("%+v, %v", item, ok)
	}
	if item, ok := Parse([]byte{4, 0, 0x71, 0}); !ok || item.Name != "[item of kind 0x71]" {
		t.Errorf("%+v, %v", item, ok)
	}
	for _, bad := range [][]byte{nil, {0, 0}, {9, 0, 0x31, 0}, {4, 0, 0x1F, 0}} {
		if item, ok := Parse(bad); ok {
			t.Errorf("%v is %+v", bad, item)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(file("A", "B"))
	f.Add([]byte{4, 0, 0x31, 0})
	f.Fuzz(func(_ *testing.T, data []byte) { Parse(data) })
}
