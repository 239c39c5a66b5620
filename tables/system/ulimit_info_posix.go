//go:build linux || darwin

package system

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

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
