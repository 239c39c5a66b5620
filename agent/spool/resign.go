package spool

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
)

// Resign signs what is spooled with the signer's key where another key, that the agent had before, has signed it. What was
// signed stays byte for byte, so that a batch which the fleet has already is known as such. It is to be called before
// anything is appended: all batches then have one key, and the oldest tells which.
func (s *Spool) Resign(ctx context.Context) error {
	oldest, err := s.After(ctx, 0, 1)
	if err != nil || len(oldest) == 0 {
		return err
	}
	public, _ := s.signer.Key.Public().(ed25519.PublicKey)
	batch, err := unpack(oldest[0])
	if err != nil {
		return err
	}
	if ed25519.Verify(public, protocol.SigningBytes(protocol.PurposeBatch, batch.Header.Payload), batch.Header.Signature) {
		return nil
	}
	return s.db.Update(ctx, func(tx *sql.Tx) error {
		for last := int64(0); ; {
			item := Item{}
			err := tx.QueryRowContext(ctx, "SELECT sequence, frame FROM batches WHERE sequence > ? ORDER BY sequence LIMIT 1", last).Scan(&item.Sequence, &item.Frame)
			if errors.Is(err, sql.ErrNoRows) {
				break
			}
			if err != nil {
				return fmt.Errorf("spool: sign anew: %w", err)
			}
			if err := s.resign(ctx, tx, item); err != nil {
				return err
			}
			last = item.Sequence
		}
		_, err := tx.ExecContext(ctx, "UPDATE agent SET spool_bytes = (SELECT coalesce(sum(length(frame)), 0) FROM batches)")
		if err != nil {
			return fmt.Errorf("spool: sign anew: %w", err)
		}
		return nil
	})
}

func (s *Spool) resign(ctx context.Context, tx *sql.Tx, item Item) error {
	batch, err := unpack(item)
	if err != nil {
		return err
	}
	batch.Header.Signature = ed25519.Sign(s.signer.Key, protocol.SigningBytes(protocol.PurposeBatch, batch.Header.Payload))
	packed, err := frame.Encode(protocol.TypeBatch, strconv.FormatInt(item.Sequence, 10), batch)
	if err != nil {
		return fmt.Errorf("spool: sign batch %d anew: %w", item.Sequence, err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE batches SET frame = ? WHERE sequence = ?", packed, item.Sequence); err != nil {
		return fmt.Errorf("spool: sign batch %d anew: %w", item.Sequence, err)
	}
	return nil
}

func unpack(item Item) (batch protocol.Batch, err error) {
	envelope, err := frame.Decode(item.Frame)
	if err == nil {
		err = protocol.Decode(envelope.Body, &batch)
	}
	if err != nil {
		return batch, fmt.Errorf("spooled batch %d: %w", item.Sequence, err)
	}
	return batch, nil
}
