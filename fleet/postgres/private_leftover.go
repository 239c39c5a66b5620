package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// stopLeftOver ends a server that a killed process of ours left on this data directory. The pid file alone proves
// nothing, for after a reboot the number may belong to anybody.
func (p *Private) stopLeftOver(ctx context.Context) error {
	if !canIdentify {
		return nil // PostgreSQL itself refuses to start beside another, by the pid file that we leave in place
	}
	path := filepath.Join(p.data, "postmaster.pid")
	deadline := time.Now().Add(stopTime + 10*time.Second)
	for asked := stopSignal(-1); ; {
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read pid file: %w", err)
		}
		first, _, _ := strings.Cut(string(content), "\n")
		pid, err := strconv.Atoi(strings.TrimSpace(first))
		if err != nil || pid <= 1 || !isPostgresOf(pid, p.data) {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove stale pid file: %w", err)
			}
			return nil
		}
		how := stopFast
		if time.Until(deadline) < 10*time.Second {
			how = stopImmediate
		}
		if how != asked {
			p.log.WarnContext(ctx, "stopping a PostgreSQL that an earlier process left", "pid", pid)
			process, err := os.FindProcess(pid)
			if err != nil {
				return fmt.Errorf("find left-over PostgreSQL: %w", err)
			}
			p.signal(process, how)
			asked = how
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL with pid %d uses %s and does not stop: end it and start again", pid, p.data)
		}
		if !sleep(ctx, 50*time.Millisecond) {
			return ctx.Err()
		}
	}
}
