// Package auth says who a caller is: it checks passwords, keeps sessions, mints access tokens, bounds guessing, and turns
// a token and a tenant's name into the scope that a call runs in.
package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// What is hashed or signed with one of our keys starts with what it is for, so that one kind never serves as another.
const (
	purposePassword = "tenantra/v1/password\x00"
	purposeBucket   = "tenantra/v1/login-bucket\x00"
)

// stateAge is how old the state may be that a call is judged by; the product promises five seconds.
const stateAge = 3 * time.Second

// Config is what the service needs from outside.
type Config struct {
	KeyDir string // of pepper and token keys, 0700
	Sealer Sealer // of second factors' secrets; nil: none can be set up
	Mailer Mailer // of links; nil: people get them from whoever made them
	// Support tells whether those above may act in a tenant with a grant; nil: always.
	Support func(ctx context.Context, tenant int32) (bool, error)
	// PublicURL is where people find the console, https://host:port. Links are made of it and never of what a request says.
	PublicURL string
	Cost      *argon2id.Params // nil: DefaultCost; tests take less
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger     // nil: discarded
	// RequireFactor keeps MSP_ADMIN and SUPER_ADMIN from everything until they have a second factor. Without it they are
	// kept from what is dangerous.
	RequireFactor bool
}

// Mailer sends mail; fleet/mail implements it.
type Mailer interface {
	Send(ctx context.Context, message mail.Message) error
	// Configured tells whether mail can be sent at all.
	Configured(ctx context.Context) (bool, error)
}

// Service is safe for concurrent use.
type Service struct {
	db     *postgres.DB
	hasher *hasher
	mailer Mailer
	resets chan resetRequest

	publicURL string

	sealer   Sealer
	require  bool   // a second factor of powerful people, for everything
	bucket   []byte // key of the names of login buckets
	keyPath  string
	keys     atomic.Pointer[keyring]
	rotating sync.Mutex
	states   *lru.Cache[uuid.UUID, state]
	reaches  *lru.Cache[reachKey, reached]
	tokenIDs *lru.Cache[[sha256.Size]byte, uuid.UUID]
	grants   *lru.Cache[uuid.UUID, grantState]
	support  func(ctx context.Context, tenant int32) (bool, error)
	touched  *lru.Cache[uuid.UUID, time.Time] // when tokens were last noted as used
	now      func() time.Time
	log      *slog.Logger
}

const cached = 20_000 // sessions and tokens, and tenants that they act in

// New makes the service; its keys are made on first use.
func New(db *postgres.DB, config Config) (*Service, error) {
	s := &Service{db: db, sealer: config.Sealer, mailer: config.Mailer, support: config.Support, publicURL: strings.TrimRight(config.PublicURL, "/"), resets: make(chan resetRequest, resetsQueued), require: config.RequireFactor, now: config.Now, log: config.Log, keyPath: filepath.Join(config.KeyDir, "token-keys.json")}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := keyfile.Dir(config.KeyDir); err != nil {
		return nil, err
	}
	key, err := keyfile.Secret(filepath.Join(config.KeyDir, "pepper"), 32)
	if err != nil {
		return nil, err
	}
	cost := DefaultCost()
	if config.Cost != nil {
		cost = *config.Cost
	}
	s.hasher = newHasher(key, cost)
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(purposeBucket))
	s.bucket = hash.Sum(nil)
	if err := s.rotate(); err != nil {
		return nil, err
	}
	if s.states, err = lru.New[uuid.UUID, state](cached); err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	if s.reaches, err = lru.New[reachKey, reached](cached); err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	if s.tokenIDs, err = lru.New[[sha256.Size]byte, uuid.UUID](cached); err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	if s.grants, err = lru.New[uuid.UUID, grantState](cached); err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	if s.touched, err = lru.New[uuid.UUID, time.Time](cached); err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	return s, nil
}

// Now is the time that sessions and grants are judged by.
func (s *Service) Now() time.Time { return s.now() }

// rotate loads the token keys, and makes a new one when the newest is old.
func (s *Service) rotate() error {
	s.rotating.Lock()
	defer s.rotating.Unlock()
	keys, err := loadKeyring(s.keyPath, s.now())
	if err != nil {
		return err
	}
	s.keys.Store(keys)
	return nil
}

// keyring gives the token keys, rotated when it is time. While the file cannot be written the old key goes on signing.
func (s *Service) keyring() *keyring {
	keys := s.keys.Load()
	if s.now().Sub(keys.signer().Made) <= signingLife {
		return keys
	}
	if err := s.rotate(); err != nil {
		s.log.Error("rotate token key", "err", err)
	}
	return s.keys.Load()
}
