package lnk

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

// sample makes a shortcut to a local path.
func sample(target, workingDir, arguments string) []byte {
	b := make([]byte, headerSize)
	binary.LittleEndian.PutUint32(b, headerSize)
	copy(b[4:], classID)
	binary.LittleEndian.PutUint32(b[0x14:], hasIDList|hasLinkInfo|hasWorkingDir|hasArguments|isUnicode)
	binary.LittleEndian.PutUint32(b[0x3C:], 3)
	b = append(b, 2, 0, 0, 0) // an empty list
	info := make([]byte, 28)
	binary.LittleEndian.PutUint32(info[4:], 28)
	binary.LittleEndian.PutUint32(info[8:], 1)
	binary.LittleEndian.PutUint32(info[16:], 28)
	info = append(append(info, target...), 0)
	binary.LittleEndian.PutUint32(info[24:], uint32(len(info)-1))
	binary.LittleEndian.PutUint32(info, uint32(len(info)))
	b = append(b, info...)
	for _, s := range []string{workingDir, arguments} {
		units := utf16.Encode([]rune(s))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(units)))
		for _, u := range units {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
	}
	return b
}

func TestParse(t *testing.T) {
	t.Parallel()
	data := sample(`C:\Windows\notepad.exe`, `C:\Grüße`, "/a b")
	want := Link{Target: `C:\Windows\notepad.exe`, WorkingDir: `C:\Grüße`, Arguments: "/a b", Show: 3}
	if got, err := Parse(data); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for n := headerSize; n < len(data); n++ {
		if _, err := Parse(data[:n]); err != nil {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := Parse([]byte("text")); err == nil {
		t.Error("a text is a shortcut")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample(`C:\a`, "b", "c"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if len(data) <= Max {
			_, _ = Parse(data)
		}
	})
}
