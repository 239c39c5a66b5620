package filewatch

import (
	"encoding/binary"
	"fmt"
	"syscall"
	"testing"
)

func encodeNotification(watch int32, mask, cookie, size uint32, name string) []byte {
	data := binary.NativeEndian.AppendUint32(nil, uint32(watch))
	for _, v := range []uint32{mask, cookie, size} {
		data = binary.NativeEndian.AppendUint32(data, v)
	}
	return append(data, name...)
}

func TestParseNotifications(t *testing.T) {
	t.Parallel()
	whole := append(encodeNotification(1, syscall.IN_CREATE, 0, 8, "file\x00\x00\x00\x00"), encodeNotification(2, syscall.IN_Q_OVERFLOW, 7, 0, "")...)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"two records":            {whole, fmt.Sprintf("[{1 %d 0 file} {2 %d 7 }]", syscall.IN_CREATE, syscall.IN_Q_OVERFLOW)},
		"cut in the name":        {whole[:20], "[]"},
		"cut in the header":      {whole[:30], fmt.Sprintf("[{1 %d 0 file}]", syscall.IN_CREATE)},
		"a name without its end": {encodeNotification(1, 2, 0, 4, "abcd"), "[{1 2 0 abcd}]"},
		"a size beyond all":      {encodeNotification(1, 2, 0, 1<<32-1, "abcd"), "[]"},
		"nothing":                {nil, "[]"},
	} {
		var got []notification
		parseNotifications(c.data, func(n notification) { got = append(got, n) })
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func FuzzNotifications(f *testing.F) {
	f.Add(encodeNotification(1, 2, 3, 8, "file\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		total := 0
		parseNotifications(data, func(n notification) { total += inotifyHeader + len(n.name) })
		if total > len(data) {
			t.Errorf("%d bytes were read of %d", total, len(data))
		}
	})
}

// encodeAccess is an event with one record that says where, or none where the name is empty.
func encodeAccess(mask uint64, pid uint32, kind byte, name string) []byte {
	var info []byte
	if name != "" {
		info = append([]byte{kind, 0, 0, 0}, "filesyst"...)
		info = binary.NativeEndian.AppendUint32(info, 4)
		info = binary.NativeEndian.AppendUint32(info, 1)
		info = append(append(info, "hand"...), name+"\x00"...)
		binary.NativeEndian.PutUint16(info[2:], uint16(len(info)))
	}
	data := binary.NativeEndian.AppendUint32(nil, uint32(fanMetadata+len(info)))
	data = append(data, fanVersion, 0)
	data = binary.NativeEndian.AppendUint16(data, fanMetadata)
	data = binary.NativeEndian.AppendUint64(data, mask)
	data = binary.NativeEndian.AppendUint32(data, ^uint32(0))
	return append(binary.NativeEndian.AppendUint32(data, pid), info...)
}

func TestParseAccesses(t *testing.T) {
	t.Parallel()
	whole := append(encodeAccess(2, 7, infoDirName, "file"), encodeAccess(16384, 8, 0, "")...)
	wrong := encodeAccess(2, 7, infoDirName, "file")
	wrong[4] = 9
	huge := encodeAccess(2, 7, infoDirName, "file")
	binary.NativeEndian.PutUint32(huge[fanMetadata+12:], 1<<31)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"two":                 {whole, "[2 7 file  16384 8  ]"},
		"where it went":       {encodeAccess(2, 7, infoNewName, "new"), "[2 7  new]"},
		"another version":     {wrong, "[]"},
		"cut":                 {whole[:30], "[]"},
		"a handle beyond all": {huge, "[2 7  ]"},
		"a size of nothing":   {make([]byte, 64), "[]"},
	} {
		var got []string
		parseAccesses(c.data, func(a access) { got = append(got, fmt.Sprintf("%d %d %s %s", a.mask, a.pid, a.name, a.newName)) })
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func FuzzAccesses(f *testing.F) {
	f.Add(encodeAccess(2, 7, infoDirName, "file"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		parseAccesses(data, func(access) { n++ })
		if n*fanMetadata > len(data) {
			t.Errorf("%d events in %d bytes", n, len(data))
		}
	})
}
