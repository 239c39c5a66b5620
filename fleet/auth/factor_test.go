package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// wrapper stands for the sealing of fleet/pki, which has its own tests: what it gives is bound to its place.
type wrapper struct{}

func (wrapper) Seal(secret []byte, p pki.Place) (string, error) {
	return p.Table + "." + p.Row + "." + base64.StdEncoding.EncodeToString(secret), nil
}

func (wrapper) Open(text string, p pki.Place) ([]byte, error) {
	secret, found := strings.CutPrefix(text, p.Table+"."+p.Row+".")
	if !found {
		return nil, errors.New("sealed for another place")
	}
	return base64.StdEncoding.DecodeString(secret)
}

// enrol sets a second factor up for somebody signed in, and gives its secret and recovery codes.
func (w *world) enrol(t *testing.T, tokens auth.Tokens) (secret string, recovery []string) {
	t.Helper()
	scope := w.scope(t, tokens)
	made, err := w.auth.NewFactor(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(made.URL, "secret="+made.Secret) || !strings.HasPrefix(made.URL, "otpauth://totp/Tenantra:") {
		t.Errorf("the address for a QR code is %s", made.URL)
	}
	if recovery, err = w.auth.ConfirmFactor(t.Context(), scope, w.code(t, made.Secret)); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(time.Minute)
	return made.Secret, recovery
}

func (w *world) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestSecondFactorIsAskedForAndServesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alpha := pgtest.Tenant(t, w.db, "alpha")
	tokens := w.person(t, alpha, "ann@alpha.example", access.Manager)
	secret, recovery := w.enrol(t, tokens)
	login := func(code string) error {
		_, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good, Code: code}, home)
		return err
	}
	now := w.code(t, secret)
	wantCode(t, "without a code", login(""), fault.SecondFactor)
	wantCode(t, "a wrong code", login("000000"), fault.SecondFactor)
	wantCode(t, "the code", login(now), "")
	wantCode(t, "the code again", login(now), fault.SecondFactor)
	w.clock.advance(time.Minute)
	later := w.code(t, secret)
	w.clock.advance(30 * time.Second) // a slow hand
	wantCode(t, "the code of the step before", login(later), "")
	w.clock.advance(5 * time.Minute)
	wantCode(t, "an old code", login(later), fault.SecondFactor)
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes", len(recovery))
	}
	wantCode(t, "a recovery code", login(strings.ToLower(recovery[3])), "")
	wantCode(t, "the recovery code again", login(recovery[3]), fault.SecondFactor)
	wrong, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: "wrong", Code: w.code(t, secret)}, home)
	wantCode(t, "the code without the password", err, fault.Unauthenticated)
	if wrong.Access != "" {
		t.Error("a token was given")
	}
	scope := w.scope(t, tokens)
	if state, err := w.auth.FactorOf(t.Context(), scope); err != nil || !state.Enabled || state.RecoveryLeft != 9 || state.Required {
		t.Errorf("the state is %+v, %v", state, err)
	}
	if _, err := w.auth.NewFactor(t.Context(), scope); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second second factor: %v", err)
	}
	if err := w.auth.RemoveFactor(t.Context(), scope); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "after it was removed", login(""), "")
}

// S47: whoever has stolen the password cannot try all codes; the person gets in with time or a recovery code still.
func TestGuessingCodesIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	secret, _ := w.enrol(t, tokens)
	tried := 0
	var err error
	for range 50 {
		_, err = w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good, Code: "123456"}, home)
		if fault.CodeOf(err) == fault.TooMany {
			break
		}
		tried++
	}
	var later interface{ RetryAfterSeconds() int }
	if tried != 5 || !errors.As(err, &later) || later.RetryAfterSeconds() > 61 {
		t.Errorf("%d guesses, then %v", tried, err)
	}
	w.clock.advance(time.Minute)
	if _, err = w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good, Code: w.code(t, secret)}, home); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestPowerfulPeopleNeedASecondFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	msp := pgtest.Tenant(t, w.db, "msp")
	msp.Role = access.SuperAdmin
	tokens := w.person(t, msp, "ann@msp.example", access.MSPAdmin)
	caller := func(service *auth.Service) httpapi.Caller {
		t.Helper()
		c, err := service.Authenticate(t.Context(), tokens.Access, "", false, "")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := caller(w.auth); !c.LacksFactor || c.MustEnrolFactor {
		t.Errorf("before: %+v", c)
	}
	strict, err := auth.New(w.db, auth.Config{KeyDir: w.keys, Sealer: wrapper{}, Cost: &cheap, Now: w.clock.Now, RequireFactor: true})
	if err != nil {
		t.Fatal(err)
	}
	if c := caller(strict); !c.MustEnrolFactor {
		t.Errorf("where it is required: %+v", c)
	}
	w.enrol(t, tokens)
	if c := caller(w.auth); c.LacksFactor {
		t.Errorf("after: %+v", c)
	}
	user := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "bob@alpha.example", access.Admin)
	if c, err := strict.Authenticate(t.Context(), user.Access, "", false, ""); err != nil || c.LacksFactor || c.MustEnrolFactor {
		t.Errorf("an ADMIN of one tenant: %+v %v", c, err)
	}
}

func TestStepUpMakesASessionFresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Admin)
	secret, _ := w.enrol(t, tokens)
	scope := w.scope(t, tokens)
	verified := func() time.Time {
		t.Helper()
		c, err := w.auth.Authenticate(t.Context(), tokens.Access, "", false, "")
		if err != nil {
			t.Fatal(err)
		}
		return c.Verified
	}
	before := verified()
	w.clock.advance(2 * time.Minute)
	code := w.code(t, secret)
	wantCode(t, "a wrong password", w.auth.StepUp(t.Context(), scope, "wrong", code, home), fault.Forbidden)
	wantCode(t, "no code", w.auth.StepUp(t.Context(), scope, good, "", home), fault.Forbidden)
	if !verified().Equal(before) {
		t.Error("a failed step-up counts")
	}
	wantCode(t, "both", w.auth.StepUp(t.Context(), scope, good, code, home), "")
	if !verified().After(before) {
		t.Error("the step-up does not count")
	}
}

func TestOwnSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alpha := pgtest.Tenant(t, w.db, "alpha")
	tokens := w.person(t, alpha, "ann@alpha.example", access.User)
	stranger := w.person(t, alpha, "eve@alpha.example", access.Admin)
	scope := w.scope(t, tokens)
	phone, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, auth.Origin{Address: "192.0.2.99", UserAgent: "phone"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := w.auth.Sessions(t.Context(), scope)
	if err != nil || len(list) != 2 {
		t.Fatalf("sessions %+v, %v", list, err)
	}
	var other auth.Session
	for _, s := range list {
		if s.Current != (s.ID == scope.Actor.Session) {
			t.Errorf("current is %+v", s)
		}
		if !s.Current {
			other = s
		}
	}
	if other.UserAgent != "phone" || other.Address != "192.0.2.99" {
		t.Errorf("the other session is %+v", other)
	}
	wantCode(t, "another's session", w.auth.EndSession(t.Context(), w.scope(t, stranger), other.ID), fault.NotFound)
	wantCode(t, "one's own", w.auth.EndSession(t.Context(), scope, other.ID), "")
	_, err = w.auth.Authenticate(t.Context(), phone.Access, "", false, "")
	wantCode(t, "the ended one", err, fault.Unauthenticated)
	if _, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, home); err != nil {
		t.Fatal(err)
	}
	if ended, err := w.auth.EndOtherSessions(t.Context(), scope); err != nil || ended != 1 {
		t.Errorf("%d others ended, %v", ended, err)
	}
	w.scope(t, tokens)
	err = w.db.InScope(t.Context(), alpha, func(ctx context.Context, tx *postgres.Tx) error {
		var entries int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM audit_entries WHERE action = 'auth.session_end'`).Scan(&entries)
		if entries != 2 {
			t.Errorf("%d entries in the audit log", entries)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
