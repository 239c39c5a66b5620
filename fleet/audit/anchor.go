package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Signer signs where chains stand with the installation's key.
type Signer interface {
	SignAudit(content []byte) (signature []byte)
	VerifyAudit(content, signature []byte) bool
}

// Anchor says where a tenant's chain stood. The installation's key signs it, so whoever writes the database cannot make
// one, and it is kept in a file too, so they cannot remove it: a chain that was rewritten from end to end does not fit it.
type Anchor struct {
	Seq       int64     `json:"seq"`
	Hash      []byte    `json:"hash"` // of that entry
	At        time.Time `json:"at"`
	Signature []byte    `json:"signature"`
}

// What anchors and checkpoints are for; one never serves as the other.
const (
	purposeAnchor     = "tenantra/v1/audit-anchor\x00"
	purposeCheckpoint = "tenantra/v1/audit-checkpoint\x00"
)

func (a *Anchor) content(purpose string, tenant int32) []byte {
	e := encoder(purpose)
	e.number(int64(tenant))
	e.number(a.Seq)
	e.time(a.At)
	e.field('b', a.Hash)
	return e
}

// AnchorConfig sets up Anchors. Zero values are replaced by the defaults named.
type AnchorConfig struct {
	DB       *postgres.DB
	Dir      string // of the files, one a tenant; made with mode 0700
	Signer   Signer
	Tenants  func(context.Context) ([]int32, error) // every tenant of the installation
	Interval time.Duration                          // between two anchors of a chain that grows; 1 h
	Keep     time.Duration                          // how long entries are kept; 2 years
	Log      *slog.Logger
}

// Anchors makes anchors, and drops entries that are kept no longer.
type Anchors struct{ config AnchorConfig }

// NewAnchors makes Anchors.
func NewAnchors(config AnchorConfig) (*Anchors, error) {
	if config.Interval == 0 {
		config.Interval = time.Hour
	}
	if config.Keep == 0 {
		config.Keep = 2 * 365 * 24 * time.Hour
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	return &Anchors{config}, keyfile.Dir(config.Dir)
}

// Run works at once and then at every interval until ctx ends.
func (a *Anchors) Run(ctx context.Context) error {
	tick := time.NewTicker(a.config.Interval)
	defer tick.Stop()
	for {
		if err := a.RunOnce(ctx); err != nil && ctx.Err() == nil {
			a.config.Log.ErrorContext(ctx, "audit chains were not anchored", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// RunOnce anchors every chain that has grown and cuts those with entries that are too old. What fails for one tenant does
// not keep others from it.
func (a *Anchors) RunOnce(ctx context.Context) error {
	tenants, err := a.config.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("list tenants: %w", err)
	}
	var failures []error
	for _, tenant := range tenants {
		if err := a.anchor(ctx, tenant); err != nil {
			failures = append(failures, fmt.Errorf("anchor audit of tenant %d: %w", tenant, err))
			continue
		}
		if err := a.cut(ctx, tenant); err != nil {
			failures = append(failures, fmt.Errorf("cut audit of tenant %d: %w", tenant, err))
		}
	}
	return errors.Join(failures...)
}

const sqlPutAnchor = `
INSERT INTO audit_anchors (tenant_id, seq, hash, at, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`

// anchor signs where a chain stands, if it has grown since the last time.
func (a *Anchors) anchor(ctx context.Context, tenant int32) error {
	kept, err := a.file(tenant)
	if err != nil {
		return err
	}
	var fresh Anchor
	err = a.config.DB.InScope(ctx, access.System(tenant, "audit-anchors"), func(ctx context.Context, tx *postgres.Tx) error {
		fresh = Anchor{}
		seq, hash, err := head(ctx, tx)
		if n := len(kept); err != nil || seq == 0 || n > 0 && kept[n-1].Seq >= seq {
			return err
		}
		fresh = Anchor{Seq: seq, Hash: hash, At: tx.Now}
		fresh.Signature = a.config.Signer.SignAudit(fresh.content(purposeAnchor, tenant))
		_, err = tx.Exec(ctx, sqlPutAnchor, tenant, fresh.Seq, fresh.Hash, fresh.At, fresh.Signature)
		return err
	})
	if err != nil || fresh.Seq == 0 {
		return err
	}
	return a.keep(tenant, fresh)
}

func (a *Anchors) path(tenant int32) string {
	return filepath.Join(a.config.Dir, strconv.Itoa(int(tenant))+".jsonl")
}

// file reads a tenant's anchors, the oldest first. A last line without an end was being written when the power went.
func (a *Anchors) file(tenant int32) ([]Anchor, error) {
	text, err := os.ReadFile(a.path(tenant))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read anchors: %w", err)
	}
	var kept []Anchor
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var anchor Anchor
		if err := json.Unmarshal(line, &anchor); err != nil {
			return nil, fmt.Errorf("read anchors %s: line %d: %w", a.path(tenant), len(kept)+1, err)
		}
		kept = append(kept, anchor)
	}
	return kept, nil
}

// keep adds an anchor to the tenant's file.
func (a *Anchors) keep(tenant int32, anchor Anchor) (err error) {
	line, err := json.Marshal(anchor)
	if err != nil {
		return fmt.Errorf("encode anchor: %w", err)
	}
	file, err := os.OpenFile(a.path(tenant), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("keep anchor: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	text, err := os.ReadFile(a.path(tenant))
	if err != nil {
		return fmt.Errorf("keep anchor: %w", err)
	}
	whole := int64(bytes.LastIndexByte(text, '\n') + 1) // what comes after was not written to its end
	if err := file.Truncate(whole); err != nil {
		return fmt.Errorf("keep anchor: %w", err)
	}
	if _, err := file.WriteAt(append(line, '\n'), whole); err != nil {
		return fmt.Errorf("keep anchor: %w", err)
	}
	return file.Sync()
}

const (
	sqlAnchors = `SELECT seq, hash, at, signature FROM audit_anchors WHERE tenant_id = $1 ORDER BY seq`
	sqlOld     = `SELECT seq, hash FROM audit_entries WHERE tenant_id = $1 AND at < $2 ORDER BY seq DESC LIMIT 1`
	sqlCutFrom = `
INSERT INTO audit_checkpoints (tenant_id, seq, hash, at, signature) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at, signature = excluded.signature`
	sqlCheckpoint = `SELECT seq, hash, at, signature FROM audit_checkpoints WHERE tenant_id = $1`
)

// all gives the anchors of the transaction's tenant, from the file and from the database, the oldest first.
func (a *Anchors) all(ctx context.Context, tx *postgres.Tx) ([]Anchor, error) {
	kept, err := a.file(tx.Scope.Tenant)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, sqlAnchors, tx.Scope.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read anchors: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Anchor])
	if err != nil {
		return nil, fmt.Errorf("read anchors: %w", err)
	}
	all := append(kept, stored...)
	slices.SortStableFunc(all, func(x, y Anchor) int { return int(x.Seq - y.Seq) })
	return all, nil
}

// checkpoint gives the end of what retention dropped; Seq 0 when nothing was.
func checkpoint(ctx context.Context, tx *postgres.Tx) (c Anchor, err error) {
	err = tx.QueryRow(ctx, sqlCheckpoint, tx.Scope.Tenant).Scan(&c.Seq, &c.Hash, &c.At, &c.Signature)
	if errors.Is(err, pgx.ErrNoRows) {
		return Anchor{}, nil
	}
	if err != nil {
		return Anchor{}, fmt.Errorf("read checkpoint of audit chain: %w", err)
	}
	return c, nil
}

// cut drops entries that are kept no longer, behind a checkpoint. A chain that does not verify is left as it is: what
// proves the tampering must not go.
func (a *Anchors) cut(ctx context.Context, tenant int32) error {
	return a.config.DB.InScope(ctx, access.System(tenant, "audit-retention"), func(ctx context.Context, tx *postgres.Tx) error {
		c := Anchor{At: tx.Now}
		err := tx.QueryRow(ctx, sqlOld, tenant, tx.Now.Add(-a.config.Keep)).Scan(&c.Seq, &c.Hash)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for old entries: %w", err)
		}
		verdict, err := Verify(ctx, tx, a)
		if err != nil {
			return err
		}
		if !verdict.OK {
			return fmt.Errorf("the chain is broken at entry %d: %s", verdict.FirstBadSeq, verdict.Reason)
		}
		c.Signature = a.config.Signer.SignAudit(c.content(purposeCheckpoint, tenant))
		if _, err := tx.Exec(ctx, sqlCutFrom, tenant, c.Seq, c.Hash, c.At, c.Signature); err != nil {
			return fmt.Errorf("store checkpoint: %w", err)
		}
		var dropped int64
		if err := tx.QueryRow(ctx, `SELECT keeper.cut_audit($1)`, tenant).Scan(&dropped); err != nil {
			return fmt.Errorf("drop entries: %w", err)
		}
		return Record(ctx, tx, Entry{Action: "audit.cut", Object: "audit", Detail: map[string]int64{"through": c.Seq, "entries": dropped}})
	})
}
