package pki

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	currentAge  = time.Minute // how long a server seals with a key after another took its place
	keyLoadTime = 20 * time.Second
	loadTries   = 3
)

var errOtherKEK = errors.New("restore the key file that belongs to the database")

// Sealer encrypts secrets that are kept in the database. Each tenant has a random key of its own, which the database holds
// wrapped by the KEK; a sealed secret names the version of its tenant's key. Safe for concurrent use.
type Sealer struct {
	db  *postgres.DB
	kek *KEK
	now func() time.Time

	mu   sync.Mutex
	keys map[int32]*tenantKeys
}

// tenantKeys is what is known of one tenant's keys.
type tenantKeys struct {
	current string
	byID    map[string][]byte
	read    time.Time
}

// NewSealer makes a sealer for the tenants of a database.
func NewSealer(db *postgres.DB, kek *KEK, now func() time.Time) *Sealer {
	return &Sealer{db: db, kek: kek, now: now, keys: map[int32]*tenantKeys{}}
}

// Place says where a sealed secret is kept. It is authenticated: a value copied to another place does not open.
type Place struct {
	Tenant             int32
	Table, Column, Row string
}

func (p Place) bytes(key string) []byte {
	return []byte(strings.Join([]string{"tenantra/v1/seal", strconv.Itoa(int(p.Tenant)), p.Table, p.Column, p.Row, key}, "\x00"))
}

// Seal encrypts for a place: v1.KEY.NONCE.CIPHERTEXT.
func (s *Sealer) Seal(secret []byte, p Place) (string, error) {
	id, key, err := s.currentKey(p.Tenant)
	if err != nil {
		return "", fmt.Errorf("seal secret: %w", err)
	}
	text, err := sealWith(key, id, secret, p.bytes(id))
	if err != nil {
		return "", fmt.Errorf("seal secret: %w", err)
	}
	return text, nil
}

// Open decrypts what Seal made for the same place.
func (s *Sealer) Open(text string, p Place) ([]byte, error) {
	sealed, err := split(text)
	if err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	key, err := s.keyOf(p.Tenant, sealed.key)
	if err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	secret, err := openWith(key, sealed, p.bytes(sealed.key))
	if err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	return secret, nil
}

// currentKey gives the key that seals for a tenant, and its id.
func (s *Sealer) currentKey(tenant int32) (id string, key []byte, err error) {
	known, err := s.recent(tenant, true)
	if err != nil {
		return "", nil, err
	}
	return known.current, known.byID[known.current], nil
}

// recent gives a tenant's keys as of at most currentAge ago; create makes the first where there is none.
func (s *Sealer) recent(tenant int32, create bool) (*tenantKeys, error) {
	s.mu.Lock()
	known := s.keys[tenant]
	s.mu.Unlock()
	if known == nil || create && known.current == "" || s.now().Sub(known.read) > currentAge {
		return s.load(tenant, create)
	}
	return known, nil
}

// keyOf gives a tenant's key by its id.
func (s *Sealer) keyOf(tenant int32, id string) ([]byte, error) {
	s.mu.Lock()
	known := s.keys[tenant]
	s.mu.Unlock()
	if known == nil || known.byID[id] == nil {
		var err error
		if known, err = s.load(tenant, false); err != nil {
			return nil, err
		}
	}
	if key := known.byID[id]; key != nil {
		return key, nil
	}
	// Before tenants had keys of their own, one was derived for each, under the KEK's id. Reseal replaces what it sealed.
	w, ok, err := s.kek.find(id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("it was sealed with key %s, which neither the key file nor the database holds: %w", id, errOtherKEK)
	}
	return hkdf.Key(sha256.New, w.key, nil, "tenantra/v1/tenant-key\x00"+strconv.Itoa(int(tenant)), keyBytes)
}

const sqlTenantKeys = `SELECT key_id, kek_id, wrapped, retired_at IS NULL FROM tenant_keys WHERE tenant_id = $1`

// load reads a tenant's keys; create makes the first where there is none. It takes a transaction of its own, for the key
// must outlive the one of the secret.
func (s *Sealer) load(tenant int32, create bool) (*tenantKeys, error) {
	ctx, cancel := context.WithTimeout(context.Background(), keyLoadTime)
	defer cancel()
	var known *tenantKeys
	var err error
	// Keys that were read just before they were wrapped anew are read again: the KEK that they name is gone.
	for range loadTries {
		if known, err = s.loadOnce(ctx, tenant, create); !errors.Is(err, errOtherKEK) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("load keys of tenant %d: %w", tenant, err)
	}
	known.read = s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[tenant] = known
	return known, nil
}

func (s *Sealer) loadOnce(ctx context.Context, tenant int32, create bool) (known *tenantKeys, err error) {
	err = s.db.InScope(ctx, access.System(tenant, "tenant-keys"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		if known, err = s.read(ctx, tx); err != nil || known.current != "" || !create {
			return err
		}
		if err := tx.Lock(ctx, postgres.TenantKeys, tx.Scope.Tenant); err != nil { // another server may be making it
			return err
		}
		if known, err = s.read(ctx, tx); err != nil || known.current != "" {
			return err
		}
		if err := s.create(ctx, tx); err != nil {
			return err
		}
		known, err = s.read(ctx, tx)
		return err
	})
	return known, err
}

// wrapped is a row of tenant_keys.
type wrapped struct {
	ID, KEK, Text string
	Current       bool
}

func listKeys(ctx context.Context, tx *postgres.Tx) ([]wrapped, error) {
	rows, err := tx.Query(ctx, sqlTenantKeys, tx.Scope.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read tenant keys: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[wrapped])
	if err != nil {
		return nil, fmt.Errorf("read tenant keys: %w", err)
	}
	return found, nil
}

func (s *Sealer) read(ctx context.Context, tx *postgres.Tx) (*tenantKeys, error) {
	found, err := listKeys(ctx, tx)
	if err != nil {
		return nil, err
	}
	known := &tenantKeys{byID: map[string][]byte{}}
	for _, w := range found {
		key, err := s.unwrap(tx.Scope.Tenant, w)
		if err != nil {
			return nil, err
		}
		if known.byID[w.ID] = key; w.Current {
			known.current = w.ID
		}
	}
	return known, nil
}

func (s *Sealer) unwrap(tenant int32, w wrapped) ([]byte, error) {
	with, ok, err := s.kek.find(w.KEK)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("tenant key %s is wrapped with key %s, this server has %s: %w", w.ID, w.KEK, s.kek.current().id, errOtherKEK)
	}
	key, err := with.unwrap(tenant, w.ID, w.Text)
	if err == nil && len(key) != keyBytes {
		err = errors.New("it has the wrong length")
	}
	if err != nil {
		return nil, fmt.Errorf("unwrap tenant key %s: %w", w.ID, err)
	}
	return key, nil
}

const (
	sqlRetireKey = `UPDATE tenant_keys SET retired_at = $2 WHERE tenant_id = $1 AND retired_at IS NULL`
	sqlCreateTK  = `INSERT INTO tenant_keys (tenant_id, key_id, kek_id, wrapped, created_at) VALUES ($1, $2, $3, $4, $5)`
)

// create makes the tenant's next key, under the lock.
func (s *Sealer) create(ctx context.Context, tx *postgres.Tx) error {
	random := make([]byte, 9+keyBytes)
	rand.Read(random)
	id, key := base64.RawURLEncoding.EncodeToString(random[:9]), random[9:]
	// The KEK may be being changed: one that wraps with the old key after its tenant's turn would lose this key.
	if err := s.kek.read(); err != nil {
		return err
	}
	with := s.kek.current()
	text, err := with.wrap(tx.Scope.Tenant, id, key)
	if err != nil {
		return fmt.Errorf("wrap tenant key: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlRetireKey, tx.Scope.Tenant, tx.Now); err != nil {
		return fmt.Errorf("retire tenant key: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlCreateTK, tx.Scope.Tenant, id, with.id, text, tx.Now); err != nil {
		return fmt.Errorf("store tenant key: %w", err)
	}
	return nil
}
