package auth

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
)

// failuresMost is how many sign-ins of an account may fail within a day before a password alone is not enough from where it
// never came. The buckets bound one address; this bounds a thousand of them with a guess each.
const failuresMost = 100

const (
	sqlGuarded  = `SELECT keeper.login_guarded($1, $2, $3, $4)`
	sqlFailed   = `SELECT keeper.login_failed($1, $2)`
	sqlForgiven = `SELECT keeper.login_forgiven($1)`
)

// guardedSignIn is the one answer to a sign-in that a password alone does not open any more, whether the password was right
// or not: a guesser learns nothing.
func guardedSignIn() error {
	return fault.New(fault.Unauthenticated, "too many sign-ins failed at this account today. If the password was right, a link to set a new one is on its way to its mailbox; from where you signed in before, or with a second factor, nothing has changed")
}

// guarded tells whether an account that is being guessed at wants more than a password from an address. Where no mail can be
// sent there is nothing more to ask for: nobody is locked out by others.
func (s *Service) guarded(ctx context.Context, keys [3][]byte) (guarded bool, err error) {
	if s.mailer == nil {
		return false, nil
	}
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, sqlGuarded, keys[0], keys[1], failuresMost, s.now()).Scan(&guarded)
	})
	if err != nil {
		return false, fmt.Errorf("look at failed sign-ins: %w", err)
	}
	if !guarded {
		return false, nil
	}
	return s.mailer.Configured(ctx)
}

// countFailure counts a failed sign-in of an account.
func (s *Service) countFailure(ctx context.Context, account []byte) error {
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlFailed, account, s.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("count failed sign-in: %w", err)
	}
	return nil
}

// right takes an attempt back: its password was right, and from this address it is known from now on.
func (s *Service) right(ctx context.Context, keys [3][]byte) error {
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlRight, keys[0], keys[1], keys[2], s.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("take back attempt: %w", err)
	}
	return nil
}

// forgive begins the count of an account anew, whose person has set a password by a link from their mailbox.
func (s *Service) forgive(ctx context.Context, keys [3][]byte) error {
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlForgiven, keys[0])
		return err
	})
	if err != nil {
		return fmt.Errorf("forget failed sign-ins: %w", err)
	}
	return s.right(ctx, keys)
}
