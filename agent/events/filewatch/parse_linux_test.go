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
