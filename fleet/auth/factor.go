package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	stepSeconds     = 30
	wrongCodesMost  = 5 // one leaks a minute
	recoveryCodes   = 10
	recoveryBytes   = 10 // 80 bits
	purposeRecovery = "tenantra/v1/recovery-code\x00"
)

// Sealer keeps secrets in the database that must be read again; pki.Sealer implements it.
type Sealer interface {
	Seal(secret []byte, p pki.Place) (string, error)
	Open(text string, p pki.Place) ([]byte, error)
}

func factorPlace(tenant, user int32) pki.Place {
	return pki.Place{Tenant: tenant, Table: "totp_factors", Column: "secret", Row: strconv.Itoa(int(user))}
}

// Factor is what a person's second factor is made from; it asks for codes once it is confirmed with one.
type Factor struct {
	Secret string // base32, to be typed
	URL    string // otpauth://, to be shown as a QR code
}

// FactorState says whether a person has a second factor.
type FactorState struct {
	Enabled      bool
	ConfirmedAt  *time.Time
	Required     bool // the person's role may do nothing dangerous without
	RecoveryLeft int
}

const sqlStoreFactor = `
INSERT INTO totp_factors (tenant_id, user_id, secret, failed_at, created_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET secret = excluded.secret, last_step = 0, failures = 0, created_at = excluded.created_at
  WHERE totp_factors.confirmed_at IS NULL`

// NewFactor makes a secret for the caller. It counts for nothing until ConfirmFactor.
func (s *Service) NewFactor(ctx context.Context, scope access.Scope) (Factor, error) {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return Factor{}, err
	}
	if s.sealer == nil {
		return Factor{}, fault.New(fault.Unavailable, "this server keeps no second factors: it was started without a sealing key")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Tenantra", AccountName: st.email, Period: stepSeconds, SecretSize: 20})
	if err != nil {
		return Factor{}, fmt.Errorf("make second factor: %w", err)
	}
	sealed, err := s.sealer.Seal([]byte(key.Secret()), factorPlace(st.tenant, st.user))
	if err != nil {
		return Factor{}, err
	}
	err = s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, sqlStoreFactor, st.tenant, st.user, sealed, s.now())
		if err != nil {
			return fmt.Errorf("store second factor: %w", err)
		}
		if done.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "you have a second factor already: remove it first")
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.factor_new", Object: "user:" + st.person.String()})
	})
	if err != nil {
		return Factor{}, err
	}
	return Factor{Secret: key.Secret(), URL: key.URL()}, nil
}

// ConfirmFactor switches the caller's second factor on with a first code, and gives recovery codes, shown once.
func (s *Service) ConfirmFactor(ctx context.Context, scope access.Scope, code string) (codes []string, err error) {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return nil, err
	}
	right, err := s.checkFactor(ctx, st.tenant, st.user, code, false)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, fault.Field(fault.Invalid, "body.code", "is wrong: type the code that is shown now, and look at the clock of the device")
	}
	codes, hashes := newRecoveryCodes()
	err = s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE totp_factors SET confirmed_at = $3 WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NULL`, st.tenant, st.user, s.now())
		if err != nil {
			return fmt.Errorf("confirm second factor: %w", err)
		}
		if done.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "there is no second factor that waits for its first code")
		}
		if err := storeRecoveryCodes(ctx, tx, st, hashes); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.factor_on", Object: "user:" + st.person.String()})
	})
	s.forget(scope.Actor.Session)
	return codes, err
}

// RenewRecoveryCodes replaces the caller's recovery codes by new ones, shown once.
func (s *Service) RenewRecoveryCodes(ctx context.Context, scope access.Scope) (codes []string, err error) {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return nil, err
	}
	if !st.factor {
		return nil, fault.New(fault.Conflict, "there is no second factor that the codes would be for: set one up first")
	}
	codes, hashes := newRecoveryCodes()
	err = s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		if err := storeRecoveryCodes(ctx, tx, st, hashes); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.recovery_codes", Object: "user:" + st.person.String()})
	})
	return codes, err
}

// RemoveFactor switches the caller's second factor off.
func (s *Service) RemoveFactor(ctx context.Context, scope access.Scope) error {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return err
	}
	defer s.forget(scope.Actor.Session)
	return s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		had, err := s.DropFactor(ctx, tx, st.tenant, st.user)
		if err != nil || !had {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.factor_off", Object: "user:" + st.person.String()})
	})
}

// DropFactor removes a person's second factor and recovery codes, and tells whether there was one.
func (s *Service) DropFactor(ctx context.Context, tx *postgres.Tx, tenant, user int32) (had bool, err error) {
	done, err := tx.Exec(ctx, `DELETE FROM totp_factors WHERE tenant_id = $1 AND user_id = $2`, tenant, user)
	if err != nil {
		return false, fmt.Errorf("remove second factor: %w", err)
	}
	return done.RowsAffected() > 0, nil
}

const sqlFactorState = `
SELECT f.confirmed_at, (SELECT count(*) FROM recovery_codes r WHERE r.tenant_id = f.tenant_id AND r.user_id = f.user_id AND r.used_at IS NULL)
  FROM totp_factors f
 WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.confirmed_at IS NOT NULL`

// FactorOf tells about the caller's second factor.
func (s *Service) FactorOf(ctx context.Context, scope access.Scope) (FactorState, error) {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return FactorState{}, err
	}
	found := FactorState{Required: st.powerful}
	err = s.db.InScope(ctx, access.System(st.tenant, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
		err := tx.QueryRow(ctx, sqlFactorState, st.tenant, st.user).Scan(&found.ConfirmedAt, &found.RecoveryLeft)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read second factor: %w", err)
		}
		found.Enabled = found.ConfirmedAt != nil
		return nil
	})
	return found, err
}

// atHome runs fn in the caller's own tenant, as the caller.
func (s *Service) atHome(ctx context.Context, scope access.Scope, st state, fn func(ctx context.Context, tx *postgres.Tx) error) error {
	home := access.System(st.tenant, "auth")
	home.Actor = scope.Actor
	return s.db.InScope(ctx, home, fn)
}

const sqlFactorSecret = `SELECT secret FROM totp_factors WHERE tenant_id = $1 AND user_id = $2 AND (confirmed_at IS NOT NULL) = $3`

// passFactor holds a sign-in to the account's second factor, and tells whether it has one.
func (s *Service) passFactor(ctx context.Context, a account, email, code string, from Origin) (has bool, err error) {
	err = s.db.InScope(ctx, access.System(a.tenant, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
		var sealed string
		err := tx.QueryRow(ctx, sqlFactorSecret, a.tenant, a.user, true).Scan(&sealed)
		has = err == nil
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read second factor: %w", err)
		}
		return nil
	})
	if err != nil || !has {
		return false, err
	}
	if code == "" {
		return true, fault.Field(fault.SecondFactor, "body.code", "is needed too: the code of your authenticator, or a recovery code")
	}
	right, err := s.checkFactor(ctx, a.tenant, a.user, code, true)
	if err != nil || right {
		return true, err
	}
	err = s.db.InScope(ctx, s.systemFrom(a.tenant, from), func(ctx context.Context, tx *postgres.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.code_failed", Object: "user:" + a.publicID.String(), Detail: map[string]string{"email": email}})
	})
	if err != nil {
		return true, err
	}
	return true, fault.Field(fault.SecondFactor, "body.code", "is wrong: each code serves once, for half a minute")
}

const sqlLockFactor = `SELECT last_step, failures, failed_at FROM totp_factors WHERE tenant_id = $1 AND user_id = $2 AND secret = $3 FOR UPDATE`

const sqlFailFactor = `UPDATE totp_factors SET failures = $3, failed_at = $4 WHERE tenant_id = $1 AND user_id = $2`

const sqlStepFactor = `UPDATE totp_factors SET last_step = $3, failures = 0 WHERE tenant_id = $1 AND user_id = $2`

const sqlUseRecovery = `UPDATE recovery_codes SET used_at = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3 AND used_at IS NULL`

// checkFactor tells whether a code is right, by time or a recovery code, and uses it up. After five wrong ones it wants a
// minute for each.
func (s *Service) checkFactor(ctx context.Context, tenant, user int32, code string, confirmed bool) (right bool, err error) {
	var sealed string
	scope := access.System(tenant, "auth")
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, sqlFactorSecret, tenant, user, confirmed).Scan(&sealed)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, fault.New(fault.Conflict, "there is no second factor to check: set one up first")
	}
	if err != nil {
		return false, fmt.Errorf("read second factor: %w", err)
	}
	secret, err := s.sealer.Open(sealed, factorPlace(tenant, user))
	if err != nil {
		return false, err
	}
	var wait time.Duration
	now := s.now()
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		right, wait = false, 0
		var last int64
		var failures float64
		var failed time.Time
		// Locked by its secret: a factor that was replaced meanwhile is another.
		if err := tx.QueryRow(ctx, sqlLockFactor, tenant, user, sealed).Scan(&last, &failures, &failed); err != nil {
			return fmt.Errorf("lock second factor: %w", err)
		}
		failures = max(0, failures-max(0, now.Sub(failed).Minutes()))
		if failures > wrongCodesMost-1 {
			wait = time.Duration((failures - wrongCodesMost + 1) * float64(time.Minute))
			return nil
		}
		step, err := matchStep(string(secret), code, now, last)
		if err != nil {
			return err
		}
		if step > 0 {
			right = true
			_, err := tx.Exec(ctx, sqlStepFactor, tenant, user, step)
			return err
		}
		if confirmed {
			used, err := tx.Exec(ctx, sqlUseRecovery, tenant, user, recoveryHash(code), now)
			if err != nil {
				return fmt.Errorf("use recovery code: %w", err)
			}
			if right = used.RowsAffected() == 1; right {
				return nil
			}
		}
		_, err = tx.Exec(ctx, sqlFailFactor, tenant, user, failures+1, now)
		return err
	})
	if err == nil && wait > 0 {
		return false, httpapi.TooMany(wait)
	}
	return right, err
}

// matchStep gives the step whose code this is, of the present one and its neighbours, 0 for none. A step that served
// serves no more.
func matchStep(secret, code string, now time.Time, last int64) (int64, error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	present := now.Unix() / stepSeconds
	var matched int64
	for step := present - 1; step <= present+1; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}) // #nosec G115 -- Unix time is positive
		if err != nil {
			return 0, fmt.Errorf("compute code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			matched = step
		}
	}
	return matched, nil
}

// newRecoveryCodes makes codes that can be written down, and their hashes. Their bits are too many to be guessed, so a
// plain hash will do.
func newRecoveryCodes() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		random := make([]byte, recoveryBytes)
		rand.Read(random)
		text := base32.StdEncoding.EncodeToString(random)
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, recoveryHash(text))
	}
	return codes, hashes
}

func recoveryHash(code string) []byte {
	text := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := sha256.Sum256([]byte(purposeRecovery + text))
	return sum[:]
}

func storeRecoveryCodes(ctx context.Context, tx *postgres.Tx, st state, hashes [][]byte) error {
	var batch pgx.Batch
	batch.Queue(`DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2`, st.tenant, st.user)
	for _, hash := range hashes {
		batch.Queue(`INSERT INTO recovery_codes (tenant_id, user_id, hash) VALUES ($1, $2, $3)`, st.tenant, st.user, hash)
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("store recovery codes: %w", err)
	}
	return nil
}
