package procfs

import (
	"testing"

	"github.com/tenantra/tenantra/agent/host"
)

func liveProc(tb testing.TB) *Proc {
	tb.Helper()
	h, err := host.New("/", nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := Open(h)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}
