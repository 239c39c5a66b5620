//go:build !linux

package host

import (
	"errors"
	"fmt"

	"github.com/tenantra/tenantra/tables"
)

// runsHere is false: only Linux is scanned from a container.
func runsHere(string) bool { return false }

// Inside is part of tables.Host.
func (h *Host) Inside(pid int64) (tables.Host, func(), error) {
	return nil, nil, fmt.Errorf("look into process %d: %w", pid, errors.ErrUnsupported)
}
