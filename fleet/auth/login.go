package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/internal/plaintext"
)

const (
	refreshPrefix = "tnr_"
	refreshGrace  = 10 * time.Second // two tabs may use one token at the same moment
	idleLife      = 60 * time.Minute
	sessionLife   = 12 * time.Hour
	powerfulLife  = 8 * time.Hour // of those who are MSP_ADMIN or SUPER_ADMIN somewhere
	endedKept     = 30 * 24 * time.Hour
	agentTextMost = 200 // characters kept of a browser's name
)

// Tokens is what a sign-in gives.
type Tokens struct {
	Access     string
	Life       time.Duration // of Access
	Refresh    string        // goes into the cookie; "" leaves the cookie as it is
	RefreshFor time.Duration // of the cookie: until the session's absolute end
	MustChange bool
}

// Origin is where a request came from.
type Origin struct {
	Address   string
	UserAgent string
}

// wrongPassword is one text for a wrong password, an unknown address and a deactivated account.
func wrongPassword() error {
	return fault.New(fault.Unauthenticated, "the e-mail address or the password is wrong")
}

// Credentials are what a person signs in with.
type Credentials struct {
	Email    string
	Password string
	Code     string // of the second factor, where the account has one
}

// Login checks password and second factor, and starts a session. A code that is missing or wrong is fault.SecondFactor:
// the password was right.
func (s *Service) Login(ctx context.Context, with Credentials, from Origin) (Tokens, error) {
	email := normalise(with.Email)
	account, err := s.verify(ctx, email, with.Password, from.Address)
	if err != nil {
		return Tokens{}, err
	}
	if !account.serves {
		return Tokens{}, fault.New(fault.Forbidden, "your tenant is suspended: ask whoever manages it")
	}
	if account.expires != nil && account.expires.Before(s.now()) {
		return Tokens{}, fault.New(fault.Unauthenticated, "the one-time password has expired: ask an administrator for a new one, or start the server again when you are the first")
	}
	has, err := s.passFactor(ctx, *account, email, with.Code, from)
	if err != nil {
		return Tokens{}, err
	}
	if account.guarded && !has {
		s.RequestReset(ctx, email, from)
		return Tokens{}, guardedSignIn()
	}
	if account.guarded { // else verify has done it
		if err := s.right(ctx, s.bucketKeys(email, from.Address)); err != nil {
			return Tokens{}, err
		}
	}
	return s.begin(ctx, *account, email, from, "auth.login")
}

// normalise gives the address as accounts have it, "" for what can be no address.
func normalise(email string) string {
	email = strings.ToLower(strings.TrimSpace(email))
	if len(email) > 254 || !plaintext.IsText(email) {
		return ""
	}
	return email
}

// verify gives the account when the password is right. Each attempt counts before it is judged. The attempt for a guarded
// account is not taken back: more has to be shown first.
func (s *Service) verify(ctx context.Context, email, password, address string) (*account, error) {
	var found *account
	keys := s.bucketKeys(email, address)
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var wait float64
		if err := tx.QueryRow(ctx, sqlBegin, keys[0], keys[1], keys[2], s.now()).Scan(&wait); err != nil {
			return fmt.Errorf("count attempt: %w", err)
		}
		found = nil
		if wait > 0 {
			return errWait(wait)
		}
		var err error
		found, err = findLogin(ctx, tx, email)
		return err
	})
	var wait errWait
	if errors.As(err, &wait) {
		return nil, httpapi.TooMany(time.Duration(float64(wait) * float64(time.Second)))
	}
	if err != nil {
		return nil, err
	}
	hash := ""
	if found != nil {
		hash = found.hash
	}
	match, stale, err := s.hasher.verify(ctx, password, hash)
	if err != nil {
		return nil, err
	}
	guarded, err := s.guarded(ctx, keys)
	if err != nil {
		return nil, err
	}
	if !match || !found.active {
		if err := s.countFailure(ctx, keys[0]); err != nil {
			return nil, err
		}
		err := s.failed(ctx, found, email, address)
		if guarded && fault.CodeOf(err) == fault.Unauthenticated {
			err = guardedSignIn()
		}
		return nil, err
	}
	if found.guarded = guarded; !guarded {
		if err := s.right(ctx, keys); err != nil {
			return nil, err
		}
	}
	if stale {
		if err := s.rehash(ctx, found, password); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// errWait is how many seconds an attempt must wait; it rolls nothing back that matters.
type errWait float64

func (e errWait) Error() string { return "too many attempts" }

// bucketKeys names the buckets of account, origin (the account from one address) and address.
func (s *Service) bucketKeys(email, address string) [3][]byte {
	key := func(parts ...string) []byte {
		hash := hmac.New(sha256.New, s.bucket)
		for _, part := range parts {
			fmt.Fprintf(hash, "%d:%s", len(part), part)
		}
		return hash.Sum(nil)
	}
	return [3][]byte{key("account", email), key("origin", email, address), key("address", address)}
}

// failed records a failed sign-in, for unknown addresses in the installation's own log.
func (s *Service) failed(ctx context.Context, found *account, email, address string) error {
	tenant, object := postgres.RootTenant, ""
	if found != nil {
		tenant, object = found.tenant, "user:"+found.publicID.String()
	}
	scope := access.System(tenant, "auth")
	scope.Actor.Address = address
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.login_failed", Object: object, Detail: map[string]string{"email": email}})
	})
	if err != nil {
		return err
	}
	return wrongPassword()
}

// rehash brings a stored hash to today's cost.
func (s *Service) rehash(ctx context.Context, a *account, password string) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.InScope(ctx, access.System(a.tenant, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, sqlRehash, a.tenant, a.user, hash, a.hash); err != nil {
			return fmt.Errorf("rehash password: %w", err)
		}
		return nil
	})
}

// begin makes a session for an account whose password was right.
func (s *Service) begin(ctx context.Context, a account, email string, from Origin, action string) (Tokens, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Tokens{}, fmt.Errorf("make session id: %w", err)
	}
	refresh, hash := newRefresh()
	made := session{id: id, tenant: a.tenant, user: a.user, userPublicID: a.publicID, mustChange: a.mustChange}
	scope := access.System(a.tenant, "auth")
	scope.Actor = access.Actor{Kind: access.KindUser, ID: a.publicID, Name: email, Address: from.Address, Session: id}
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		tenant, powerful, err := readHome(ctx, tx, a.user)
		if err != nil {
			return err
		}
		life := sessionLife
		if powerful {
			life = powerfulLife
		}
		now := s.now()
		made.tenantPublicID, made.expires = tenant, now.Add(life)
		agent := strings.ToValidUTF8(from.UserAgent[:min(len(from.UserAgent), agentTextMost)], "")
		if err := createSession(ctx, tx, made, hash, now, from.Address, agent); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSweepSessions, a.tenant, a.user, now.Add(-endedKept)); err != nil {
			return fmt.Errorf("sweep sessions: %w", err)
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "session:" + id.String()})
	})
	if err != nil {
		return Tokens{}, err
	}
	return s.tokens(made, refresh)
}

func (s *Service) tokens(session session, refresh string) (Tokens, error) {
	now := s.now()
	token, life, err := s.mint(session, now)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{Access: token, Life: life, Refresh: refresh, RefreshFor: session.expires.Sub(now), MustChange: session.mustChange}, nil
}

func newRefresh() (token string, hash []byte) {
	secret := make([]byte, 32)
	rand.Read(secret)
	sum := sha256.Sum256(secret)
	return protocol.FormatToken(refreshPrefix, secret), sum[:]
}
