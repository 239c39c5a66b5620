package lsof

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `p312
fcwd
tDIR
n/
f3
tIPv4
d0xffffd1a2b3c4d5e6
PTCP
n127.0.0.1:631
TST=LISTEN
TQR=0
f4
tIPv6
d0x10
PUDP
n*:5353
f5
tIPv6
PTCP
n[2001:db8::1]:22->[2001:db8::2]:50022
TST=ESTABLISHED
f6
tunix
d0x11
n/var/run/x.socket
f7
tREG
n/etc/hosts
px
f1
tREG
n/lost
`

func TestSockets(t *testing.T) {
	t.Parallel()
	var got []Socket
	files := parse(sample)
	for i := range files {
		if s, ok := files[i].socket(); ok {
			got = append(got, s)
		}
	}
	want := []Socket{
		{PID: 312, FD: 3, ID: -0x2e5d4c3b2a1a, Family: 2, Protocol: 6, Local: "127.0.0.1", Remote: "0.0.0.0", LocalPort: 631, State: "LISTEN"},
		{PID: 312, FD: 4, ID: 0x10, Family: 30, Protocol: 17, Local: "::", Remote: "::", LocalPort: 5353},
		{PID: 312, FD: 5, Family: 30, Protocol: 6, Local: "2001:db8::1", Remote: "2001:db8::2", LocalPort: 22, RemotePort: 50022, State: "ESTABLISHED"},
		{PID: 312, FD: 6, ID: 0x11, Family: 1, Path: "/var/run/x.socket"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if last := files[len(files)-1]; last.Name != "/etc/hosts" || last.Type != "REG" || len(files) != 5 {
		t.Errorf("%d files, the last is %+v", len(files), last)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		files := parse(text)
		for i := range files {
			if s, ok := files[i].socket(); ok && (s.LocalPort < 0 || s.PID < 0) {
				t.Errorf("%+v", s)
			}
		}
	})
}
