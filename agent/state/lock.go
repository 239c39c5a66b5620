package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

var errLocked = errors.New("locked")

// ErrRunning tells that another process runs the agent on this state directory.
var ErrRunning = errors.New("the agent already runs on this state directory: stop it first")

// Lock keeps the directory for one process until the returned file is closed. It waits a little for a process that is
// just ending.
func (d Dir) Lock(ctx context.Context, wait time.Duration) (*os.File, error) {
	f, err := os.OpenFile(d.file("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state: lock: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		err := lock(f)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, errLocked) {
			return nil, errors.Join(fmt.Errorf("state: lock: %w", err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ErrRunning, f.Close())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
