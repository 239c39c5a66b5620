package findings

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// Waive says that a finding is so and accepted for now: an open or acknowledged one becomes waived, in the transaction's
// tenant. One that is resolved, or not there, stays as it is.
func (s *Service) Waive(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error {
	return s.turn(ctx, tx, agent, kind, subject, Waived, reason, Open, Acknowledged)
}

// Unwaive opens a finding that was waived.
func (s *Service) Unwaive(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error {
	return s.turn(ctx, tx, agent, kind, subject, Open, reason, Waived)
}

// turn sets a finding's state where it has one of some states.
func (s *Service) turn(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject string, to State, reason string, from ...State) error {
	var id uuid.UUID
	var state State
	err := tx.QueryRow(ctx, sqlLock, tx.Scope.Tenant, agent, kind, subject).Scan(&id, &state)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find finding: %w", err)
	}
	fits := false
	for _, f := range from {
		fits = fits || state == f
	}
	if !fits {
		return nil
	}
	if err := setState(ctx, tx, tx.Scope.Tenant, id, to, reason); err != nil {
		return err
	}
	if err := s.announce(ctx, tx, agent, id, to); err != nil {
		return err
	}
	f, err := find(ctx, tx, id)
	if err != nil {
		return err
	}
	return s.follow(ctx, tx, Change{id, agent, kind, subject, f.Title, f.Message, f.Severity, f.Class, to, to == Open})
}
