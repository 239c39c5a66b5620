package system

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

// resources are the limits of getrlimit(2) by name.
var resources = []struct {
	name   string
	number int
}{
	{"as", unix.RLIMIT_AS}, {"core", unix.RLIMIT_CORE}, {"cpu", unix.RLIMIT_CPU}, {"data", unix.RLIMIT_DATA},
	{"fsize", unix.RLIMIT_FSIZE}, {"locks", unix.RLIMIT_LOCKS}, {"memlock", unix.RLIMIT_MEMLOCK},
	{"msgqueue", unix.RLIMIT_MSGQUEUE}, {"nice", unix.RLIMIT_NICE}, {"nofile", unix.RLIMIT_NOFILE},
	{"nproc", unix.RLIMIT_NPROC}, {"rss", unix.RLIMIT_RSS}, {"rtprio", unix.RLIMIT_RTPRIO},
	{"sigpending", unix.RLIMIT_SIGPENDING}, {"stack", unix.RLIMIT_STACK},
}

func generateUlimitInfo(_ context.Context, host tables.Host, _ *tables.Query, emit func(*ulimit) error) error {
	if !host.Live() {
		return nil
	}
	for _, r := range resources {
		var limit unix.Rlimit
		if unix.Getrlimit(r.number, &limit) != nil {
			continue // not known to this kernel
		}
		if err := emit(&ulimit{Type: r.name, SoftLimit: limitText(limit.Cur), HardLimit: limitText(limit.Max)}); err != nil {
			return err
		}
	}
	return nil
}
