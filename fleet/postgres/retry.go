package postgres

import (
	"context"
	"errors"
	"io"
	"math/rand/v2" //lint:allow imports jitter of retries
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/fleet/fault"
)

const (
	conflictTries  = 6 // of one transaction that loses against others
	rollbackTime   = 5 * time.Second
	reconnectFirst = 20 * time.Millisecond
	reconnectMost  = time.Second
)

// errCommitUnknown marks a transaction whose commit was sent but not answered. It is never run again here: only its
// caller knows how to find out whether it took place.
var errCommitUnknown = errors.New("connection lost during commit")

// transact runs fn in one transaction. A panic in fn rolls back and goes on.
func (db *DB) transact(ctx context.Context, fn func(tx pgx.Tx) error) error {
	tx, err := db.pool.Begin(ctx)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		tx.Rollback(ctx) // a failed rollback closes the connection, which rolls back as well
	}()
	if err := fn(tx); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(ctx); err != nil {
		var answered *pgconn.PgError
		if errors.As(err, &answered) && !goesAway(answered.Code) {
			return err
		}
		return errors.Join(errCommitUnknown, err)
	}
	return nil
}

// retry runs fn again after a conflict between transactions (a few times) and while the database is away (until the
// configured wait is over).
func (db *DB) retry(ctx context.Context, fn func(ctx context.Context) error) error {
	deadline := time.Now().Add(db.wait)
	conflicts, pause := 0, reconnectFirst
	for {
		err := fn(ctx)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errCommitUnknown):
			return fault.Wrap(fault.Unavailable, err, "the database went away while saving; check whether the change took place before repeating it")
		case ctx.Err() != nil:
			return err
		case isConflict(err):
			if conflicts++; conflicts == conflictTries {
				return fault.Wrap(fault.Unavailable, err, "the change kept colliding with others; try again")
			}
			if !sleep(ctx, rand.N(time.Duration(conflicts)*10*time.Millisecond)) {
				return err
			}
		case isAway(err):
			if time.Now().Add(pause).After(deadline) {
				return fault.Wrap(fault.Unavailable, err, "the database is not reachable; try again later")
			}
			if pause == reconnectFirst {
				db.log.WarnContext(ctx, "database is away, waiting", "err", err)
			}
			if !sleep(ctx, pause/2+rand.N(pause/2)) {
				return err
			}
			pause = min(pause*2, reconnectMost)
		default:
			return err
		}
	}
}

func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// isConflict recognises a transaction that lost against another: serialization failure or deadlock.
func isConflict(err error) bool {
	var answered *pgconn.PgError
	return errors.As(err, &answered) && (answered.Code == "40001" || answered.Code == "40P01")
}

// isAway recognises a database that is gone, going or not yet there; nothing of the transaction was kept.
func isAway(err error) bool {
	var answered *pgconn.PgError
	if errors.As(err, &answered) {
		return goesAway(answered.Code)
	}
	if fault.CodeOf(err) != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// goesAway: the server shuts down, crashed, starts up, or a connection broke (class 08); too many connections (53300)
// pass as well when others end.
func goesAway(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "53300":
		return true
	default:
		return strings.HasPrefix(code, "08")
	}
}
