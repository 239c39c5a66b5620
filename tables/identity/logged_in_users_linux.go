package identity

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const (
	utmpFile          = "/run/utmp"
	logindSessionsDir = "/run/systemd/sessions"
)

func generateLoggedInUsers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*session) error) error {
	if _, err := host.Stat(utmpFile); hostfile.Absent(err) {
		return logindSessions(ctx, host, emit)
	}
	return readLogins(ctx, host, utmpFile, func(e login) error {
		if e.PID == 1 { // init's own bookkeeping
			return nil
		}
		row := sessionOf(e)
		return emit(&row)
	})
}

func logindSessions(ctx context.Context, host tables.Host, emit func(*session) error) error {
	for _, entry := range hostfile.List(ctx, host, logindSessionsDir) {
		if strings.HasSuffix(entry.Name(), ".ref") { // a FIFO that tells logind of the session's end
			continue
		}
		data, ok := hostfile.OneOfMany(ctx, host, path.Join(logindSessionsDir, entry.Name()))
		if !ok {
			continue
		}
		row, ok := parseLogindSession(data)
		if !ok {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
