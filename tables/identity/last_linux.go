package identity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const wtmpFile = "/var/log/wtmp"

func generateLast(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*lastLogin) error) error {
	return readLogins(ctx, host, wtmpFile, func(e login) error {
		row := lastLogin{Username: e.User, TTY: e.Line, PID: e.PID, Type: int32(e.Type), Time: e.Time, Host: e.Host}
		switch e.Type {
		case loginUserProcess:
			row.TypeName = "user-process"
		case loginDeadProcess:
			row.TypeName = "dead-process"
		default:
			return nil
		}
		return emit(&row)
	})
}

// readLogins streams a utmp or wtmp file, which may be far larger than what is read at once elsewhere. A file that is
// absent or not ours to read has no records.
func readLogins(ctx context.Context, host tables.Host, name string, each func(login) error) error {
	f, err := host.Open(name)
	if hostfile.Absent(err) || errors.Is(err, fs.ErrPermission) {
		hostfile.Skipped(ctx, host, name, err)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("size of %s: %w", name, err)
	}
	return readUtmp(f, info.Size(), func(e login) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return each(e)
	})
}
