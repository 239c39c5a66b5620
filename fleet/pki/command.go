package pki

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	configKeyLife      = 90 * 24 * time.Hour
	configKeyRenewLeft = 35 * 24 * time.Hour // longer than a config command lives, so that none outlives its key
)

// Commander signs what the fleet orders. It is safe for concurrent use.
type Commander struct {
	db     *postgres.DB
	sealer *Sealer
	root   ed25519.PrivateKey
	now    func() time.Time

	finding singleflight.Group // of keys, by tenant

	mu   sync.Mutex
	keys map[uuid.UUID]configKey // by tenant
}

type configKey struct {
	private     ed25519.PrivateKey
	certificate protocol.Signed
	notAfter    time.Time
}

// OpenCommander reads the installation's root key from dir, or makes it. Servers of one installation share the file.
func OpenCommander(dir string, db *postgres.DB, sealer *Sealer, now func() time.Time) (*Commander, error) {
	seed, err := keyfile.Secret(filepath.Join(dir, "root.key"), ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return &Commander{db: db, sealer: sealer, root: ed25519.NewKeyFromSeed(seed), now: now, keys: map[uuid.UUID]configKey{}}, nil
}

// RootKey is the public key that agents pin.
func (c *Commander) RootKey() ed25519.PublicKey { return c.root.Public().(ed25519.PublicKey) }

// SignAudit signs a statement about an audit chain, whose bytes tell what it is for.
func (c *Commander) SignAudit(content []byte) []byte { return ed25519.Sign(c.root, content) }

// VerifyAudit tells whether this installation signed the statement.
func (c *Commander) VerifyAudit(content, signature []byte) bool {
	return ed25519.Verify(c.RootKey(), content, signature)
}

// SignCommand signs an order to an agent of a tenant, or to all of them where agent is "". Only a config has a version.
func (c *Commander) SignCommand(ctx context.Context, tenant uuid.UUID, agent string, kind protocol.CommandKind, version int64, body any, life time.Duration) (protocol.Command, error) {
	key, err := c.key(ctx, tenant)
	if err != nil {
		return protocol.Command{}, err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return protocol.Command{}, fmt.Errorf("encode %s: %w", kind, err)
	}
	sum := sha256.Sum256(text)
	now := c.now().UTC()
	header, err := protocol.Sign(key.private, protocol.PurposeCommand, protocol.CommandHeader{
		Kind: kind, TenantID: tenant.String(), AgentID: agent, Version: version, IssuedAt: now, ExpiresAt: now.Add(life), BodySHA256: sum[:],
	})
	if err != nil {
		return protocol.Command{}, err
	}
	return protocol.Command{Certificate: key.certificate, Header: header, Body: text}, nil
}

// ConfigCertificate is the certificate of the tenant's present config key, for an agent that enrols.
func (c *Commander) ConfigCertificate(ctx context.Context, tenant uuid.UUID) (protocol.Signed, error) {
	key, err := c.key(ctx, tenant)
	return key.certificate, err
}

// key gives the tenant's config key: from memory, from the database, or made anew when the newest is near its end.
func (c *Commander) key(ctx context.Context, tenant uuid.UUID) (configKey, error) {
	c.mu.Lock()
	key, ok := c.keys[tenant]
	c.mu.Unlock()
	if ok && key.notAfter.Sub(c.now()) > configKeyRenewLeft {
		return key, nil
	}
	// After a start thousands of agents ask at once. One of them looks, for all, and goes on where its connection ends.
	found := c.finding.DoChan(tenant.String(), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyLoadTime)
		defer cancel()
		return c.load(ctx, tenant)
	})
	select {
	case <-ctx.Done():
		return configKey{}, ctx.Err()
	case r := <-found:
		if r.Err != nil {
			return configKey{}, r.Err
		}
		return r.Val.(configKey), nil
	}
}

// load finds or makes the tenant's config key and remembers it.
func (c *Commander) load(ctx context.Context, tenant uuid.UUID) (key configKey, err error) {
	var id int32
	err = c.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT keeper.tenant_by_public_id($1)`, tenant).Scan(&id)
		if err != nil {
			return fault.Wrap(fault.NotFound, err, "there is no such tenant")
		}
		return nil
	})
	if err != nil {
		return configKey{}, err
	}
	// The sealer reads its keys by a connection of its own. It does so now: were it asked first inside the transaction, many of
	// these could hold all connections and each wait for one more.
	if _, err := c.sealer.recent(id, true); err != nil {
		return configKey{}, err
	}
	err = c.db.InScope(ctx, access.System(id, "config-keys"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		key, err = c.findOrMake(ctx, tx, tenant)
		return err
	})
	if err != nil {
		return configKey{}, err
	}
	c.mu.Lock()
	c.keys[tenant] = key
	c.mu.Unlock()
	return key, nil
}

const sqlNewestKey = `
SELECT key_id, private_key, certificate, signature, not_after
  FROM config_keys
 WHERE tenant_id = $1
 ORDER BY not_after DESC
 LIMIT 1`

const sqlCreateKey = `
INSERT INTO config_keys (tenant_id, key_id, private_key, certificate, signature, not_after, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)`

func (c *Commander) findOrMake(ctx context.Context, tx *postgres.Tx, tenant uuid.UUID) (configKey, error) {
	if err := tx.Lock(ctx, postgres.ConfigKeys, tx.Scope.Tenant); err != nil { // one server makes the key, the others find it
		return configKey{}, err
	}
	var key configKey
	var id uuid.UUID
	var sealed string
	err := tx.QueryRow(ctx, sqlNewestKey, tx.Scope.Tenant).Scan(&id, &sealed, &key.certificate.Payload, &key.certificate.Signature, &key.notAfter)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return configKey{}, fmt.Errorf("find config key: %w", err)
	case key.notAfter.Sub(c.now()) > configKeyRenewLeft:
		seed, err := c.sealer.Open(sealed, placeOf(tx.Scope.Tenant, id))
		if err != nil {
			return configKey{}, err
		}
		if len(seed) != ed25519.SeedSize {
			return configKey{}, errors.New("config key has the wrong length")
		}
		key.private = ed25519.NewKeyFromSeed(seed)
		return key, nil
	}
	return c.make(ctx, tx, tenant)
}

func (c *Commander) make(ctx context.Context, tx *postgres.Tx, tenant uuid.UUID) (configKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed)
	id, err := uuid.NewV7()
	if err != nil {
		return configKey{}, fmt.Errorf("make config key: %w", err)
	}
	now := c.now().UTC()
	key := configKey{private: ed25519.NewKeyFromSeed(seed), notAfter: now.Add(configKeyLife)}
	key.certificate, err = protocol.Sign(c.root, protocol.PurposeKeyCertificate, protocol.KeyCertificate{
		FleetID: c.db.Installation().String(), TenantID: tenant.String(), KeyID: id.String(),
		PublicKey: key.private.Public().(ed25519.PublicKey), NotBefore: now.Add(-clockSlack), NotAfter: key.notAfter,
	})
	if err != nil {
		return configKey{}, err
	}
	sealed, err := c.sealer.Seal(seed, placeOf(tx.Scope.Tenant, id))
	if err != nil {
		return configKey{}, err
	}
	if _, err := tx.Exec(ctx, sqlCreateKey, tx.Scope.Tenant, id, sealed, key.certificate.Payload, key.certificate.Signature, key.notAfter, tx.Now); err != nil {
		return configKey{}, fmt.Errorf("store config key: %w", err)
	}
	return key, nil
}

func placeOf(tenant int32, id uuid.UUID) Place {
	return Place{Tenant: tenant, Table: "config_keys", Column: "private_key", Row: id.String()}
}
