package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/users"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// cheap hashes in microseconds; the cost itself has its own test.
var cheap = argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

type world struct {
	db    *postgres.DB
	auth  *auth.Service
	users *users.Service
	clock *clock
	keys  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{db: pgtest.New(t), clock: &clock{now: time.Now().UTC()}, keys: t.TempDir()}
	w.auth = w.service(t)
	w.users = users.NewService(w.db, w.auth)
	return w
}

func (w *world) service(t *testing.T) *auth.Service {
	t.Helper()
	service, err := auth.New(w.db, auth.Config{KeyDir: w.keys, Sealer: wrapper{}, Cost: &cheap, Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return service
}

const good = "correct horse battery staple"

var home = auth.Origin{Address: "192.0.2.10", UserAgent: "test"}

// person adds somebody to the scope's tenant and has them set their password.
func (w *world) person(t *testing.T, scope access.Scope, email string, role access.Role) auth.Tokens {
	t.Helper()
	_, once, err := w.users.Create(t.Context(), scope, users.New{Email: email, Name: "Somebody", Role: role})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := w.auth.Login(t.Context(), auth.Credentials{Email: email, Password: once}, home)
	if err != nil {
		t.Fatal(err)
	}
	if !tokens.MustChange {
		t.Fatal("a one-time password need not be changed")
	}
	tokens, err = w.auth.ChangePassword(t.Context(), w.scope(t, tokens), once, good, home)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func (w *world) scope(t *testing.T, tokens auth.Tokens) access.Scope {
	t.Helper()
	caller, err := w.auth.Authenticate(t.Context(), tokens.Access, "", false, home.Address)
	if err != nil {
		t.Fatal(err)
	}
	return caller.Scope
}

func wantCode(t *testing.T, what string, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want || want == "" && err != nil {
		t.Errorf("%s: %v (code %q), want code %q", what, err, got, want)
	}
}

func TestBootstrapMakesOneAccountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	password, err := w.auth.Bootstrap(t.Context())
	if err != nil || password == "" {
		t.Fatalf("first start: %q %v", password, err)
	}
	if again, err := w.auth.Bootstrap(t.Context()); err != nil || again != "" {
		t.Errorf("second start: %q %v", again, err)
	}
	tokens, err := w.auth.Login(t.Context(), auth.Credentials{Email: " Admin@Tenantra.Local ", Password: password}, home)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := w.auth.Authenticate(t.Context(), tokens.Access, "root", true, "")
	if err != nil {
		t.Fatal(err)
	}
	if caller.Scope.Role != access.SuperAdmin || !caller.MustChangePassword || caller.Scope.Tenant != postgres.RootTenant {
		t.Errorf("the first account is %+v", caller)
	}
	w.clock.advance(25 * time.Hour)
	_, err = w.auth.Login(t.Context(), auth.Credentials{Email: auth.FirstAdmin, Password: password}, home)
	wantCode(t, "expired one-time password", err, fault.Unauthenticated)
	renewed, err := w.auth.Bootstrap(t.Context())
	if err != nil || renewed == "" || renewed == password {
		t.Errorf("a start after the expiry gives %q %v", renewed, err)
	}
}

func TestLoginTellsNothingAboutAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := pgtest.Tenant(t, w.db, "alpha")
	w.person(t, admin, "ann@alpha.example", access.Manager)
	w.person(t, admin, "gone@alpha.example", access.User)
	list, err := w.users.List(t.Context(), admin, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range list {
		if user.Email == "gone@alpha.example" {
			if _, err := w.users.Deactivate(t.Context(), admin, user.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	texts := map[string]bool{}
	for _, attempt := range []struct{ email, password string }{
		{"ann@alpha.example", "wrong password here"},
		{"nobody@alpha.example", good},
		{"gone@alpha.example", good},
		{"", ""},
		{strings.Repeat("x", 10_000), good},
		{"ann@alpha.example\x00", good},
	} {
		_, err := w.auth.Login(t.Context(), auth.Credentials{Email: attempt.email, Password: attempt.password}, home)
		wantCode(t, fmt.Sprintf("%.20q", attempt.email), err, fault.Unauthenticated)
		texts[err.Error()] = true
	}
	if len(texts) != 1 {
		t.Errorf("the answers differ: %v", texts)
	}
}

// TestAccessTokens is S45.
func TestAccessTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	authenticate := func(token string) error {
		_, err := w.auth.Authenticate(t.Context(), token, "", false, "")
		return err
	}
	wantCode(t, "our token", authenticate(tokens.Access), "")
	parts := strings.Split(tokens.Access, ".")
	var claims map[string]any
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		t.Fatal("the token has no claims")
	}
	var header map[string]any
	text, err = base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || json.Unmarshal(text, &header) != nil || header["typ"] != "at+jwt" || header["alg"] != "EdDSA" || header["kid"] == "" {
		t.Fatalf("header %s", text)
	}
	encode := func(v map[string]any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	with := func(original map[string]any, name string, value any) map[string]any {
		changed := map[string]any{}
		for k, v := range original {
			changed[k] = v
		}
		changed[name] = value
		return changed
	}
	hs256 := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(claims))
	hs256.Header["typ"], hs256.Header["kid"] = "at+jwt", header["kid"]
	signedBySecret, err := hs256.SignedString([]byte(fmt.Sprint(header["kid"])))
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]string{
		"none":                 encode(with(header, "alg", "none")) + "." + parts[1] + ".",
		"HS256":                signedBySecret,
		"other kid":            encode(with(header, "kid", "other")) + "." + parts[1] + "." + parts[2],
		"kid is a number":      encode(with(header, "kid", 7)) + "." + parts[1] + "." + parts[2],
		"other type":           encode(with(header, "typ", "JWT")) + "." + parts[1] + "." + parts[2],
		"other audience":       parts[0] + "." + encode(with(claims, "aud", "agents")) + "." + parts[2],
		"other issuer":         parts[0] + "." + encode(with(claims, "iss", "tenantra:"+uuid.NewString())) + "." + parts[2],
		"other subject":        parts[0] + "." + encode(with(claims, "sub", uuid.NewString())) + "." + parts[2],
		"refresh as access":    tokens.Refresh,
		"empty":                "",
		"no signature":         parts[0] + "." + parts[1] + ".",
		"a mebibyte of header": strings.Repeat("A", 1<<20) + "." + parts[1] + "." + parts[2],
	} {
		wantCode(t, name, authenticate(forged), fault.Unauthenticated)
	}
	w.clock.advance(9 * time.Minute)
	wantCode(t, "after nine minutes", authenticate(tokens.Access), "")
	w.clock.advance(2 * time.Minute)
	wantCode(t, "after eleven minutes", authenticate(tokens.Access), fault.Unauthenticated)
}

// A token that another key of ours signed with other claims shows that type, audience and issuer are really checked, not
// only the signature (S45).
func TestTokensOfOtherInstallationsDoNotHold(t *testing.T) {
	t.Parallel()
	one := newWorld(t)
	tokens := one.person(t, pgtest.Tenant(t, one.db, "alpha"), "ann@alpha.example", access.Manager)
	other := newWorld(t)
	other.keys = one.keys // the same signing keys, another installation
	_, err := other.service(t).Authenticate(t.Context(), tokens.Access, "", false, "")
	wantCode(t, "token of another installation", err, fault.Unauthenticated)
}

func TestSigningKeyRotates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := pgtest.Tenant(t, w.db, "alpha")
	before := w.person(t, admin, "ann@alpha.example", access.Manager)
	w.clock.advance(91 * 24 * time.Hour)
	after := w.person(t, admin, "ben@alpha.example", access.Manager)
	kid := func(token string) string { return strings.SplitN(token, ".", 2)[0] }
	if kid(before.Access) == kid(after.Access) {
		t.Error("the key did not change after 91 days")
	}
	if _, err := w.service(t).Authenticate(t.Context(), after.Access, "", false, ""); err != nil {
		t.Errorf("another server does not know the new key: %v", err)
	}
}

// TestRefreshRotates is S46 for refresh tokens that are used again.
func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	second, err := w.auth.Refresh(t.Context(), first.Refresh, home)
	if err != nil || second.Refresh == "" || second.Refresh == first.Refresh {
		t.Fatalf("refresh: %+v %v", second, err)
	}
	// Another tab uses the old token a moment later: it gets an access token and leaves the cookie alone.
	w.clock.advance(5 * time.Second)
	tab, err := w.auth.Refresh(t.Context(), first.Refresh, home)
	if err != nil || tab.Refresh != "" || tab.Access == "" {
		t.Errorf("within the grace: %+v %v", tab, err)
	}
	third, err := w.auth.Refresh(t.Context(), second.Refresh, home)
	if err != nil {
		t.Fatal(err)
	}
	// Later it is theft: the session ends for both.
	w.clock.advance(30 * time.Second)
	_, err = w.auth.Refresh(t.Context(), first.Refresh, home)
	wantCode(t, "a token of two generations ago", err, fault.Unauthenticated)
	_, err = w.auth.Refresh(t.Context(), third.Refresh, home)
	wantCode(t, "the newest token after the theft", err, fault.Unauthenticated)
	_, err = w.auth.Authenticate(t.Context(), third.Access, "", false, "")
	wantCode(t, "the access token after the theft", err, fault.Unauthenticated)
}

// TestSessionsEnd is S46 for constant activity past the absolute life.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root, err := w.auth.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	powerful, err := w.auth.Login(t.Context(), auth.Credentials{Email: auth.FirstAdmin, Password: root}, home)
	if err != nil {
		t.Fatal(err)
	}
	if powerful.RefreshFor > 8*time.Hour {
		t.Errorf("a SUPER_ADMIN's session lasts %s", powerful.RefreshFor)
	}
	admin := pgtest.Tenant(t, w.db, "alpha")
	idle := w.person(t, admin, "idle@alpha.example", access.Manager)
	active := w.person(t, admin, "active@alpha.example", access.Manager)
	for range 14 { // constant activity
		w.clock.advance(50 * time.Minute)
		next, err := w.auth.Refresh(t.Context(), active.Refresh, home)
		if err != nil {
			t.Fatal(err)
		}
		active = next
	}
	_, err = w.auth.Refresh(t.Context(), idle.Refresh, home)
	wantCode(t, "an idle session", err, fault.Unauthenticated)
	if left := active.RefreshFor; left > 21*time.Minute {
		t.Errorf("after 11 h 40 min the session still has %s", left)
	}
	w.clock.advance(25 * time.Minute)
	_, err = w.auth.Refresh(t.Context(), active.Refresh, home)
	wantCode(t, "constant activity past twelve hours", err, fault.Unauthenticated)
}

func TestLogoutEndsTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	w.scope(t, tokens) // remembered
	if err := w.auth.Logout(t.Context(), tokens.Refresh, home); err != nil {
		t.Fatal(err)
	}
	_, err := w.auth.Authenticate(t.Context(), tokens.Access, "", false, "")
	wantCode(t, "access after logout", err, fault.Unauthenticated)
	_, err = w.auth.Refresh(t.Context(), tokens.Refresh, home)
	wantCode(t, "refresh after logout", err, fault.Unauthenticated)
	for _, nonsense := range []string{"", "tnr_", "tnr_AAAA", tokens.Refresh} {
		if err := w.auth.Logout(t.Context(), nonsense, home); err != nil {
			t.Errorf("logout with %q: %v", nonsense, err)
		}
	}
}

// Deactivation on one server must reach a session that another server remembers, within five seconds.
// TestDeactivationReachesOtherServers is S46 for people who are shut out.
func TestDeactivationReachesOtherServers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := pgtest.Tenant(t, w.db, "alpha")
	tokens := w.person(t, admin, "ann@alpha.example", access.Manager)
	other := w.service(t)
	caller, err := other.Authenticate(t.Context(), tokens.Access, "", false, "")
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if _, err := w.users.Deactivate(t.Context(), admin, caller.Scope.Actor.ID); err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		_, err := other.Authenticate(t.Context(), tokens.Access, "", false, "")
		alive := other.Alive(t.Context(), caller.Scope)
		if fault.CodeOf(err) == fault.Unauthenticated && fault.CodeOf(alive) == fault.Unauthenticated {
			return
		}
		if time.Since(started) > 5*time.Second {
			t.Fatalf("after five seconds: %v, stream: %v", err, alive)
		}
	}
}

func TestPasswordChangeEndsAllSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	elsewhere, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, home)
	if err != nil {
		t.Fatal(err)
	}
	scope := w.scope(t, tokens)
	_, err = w.auth.ChangePassword(t.Context(), scope, "not my password", "another good passphrase", home)
	wantCode(t, "wrong current password", err, fault.Forbidden)
	fresh, err := w.auth.ChangePassword(t.Context(), scope, good, "another good passphrase", home)
	if err != nil {
		t.Fatal(err)
	}
	for name, old := range map[string]auth.Tokens{"this": tokens, "the other": elsewhere} {
		_, err := w.auth.Refresh(t.Context(), old.Refresh, home)
		wantCode(t, name+" session", err, fault.Unauthenticated)
	}
	w.scope(t, fresh)
	_, err = w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, home)
	wantCode(t, "the old password", err, fault.Unauthenticated)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	msp := pgtest.Tenant(t, w.db, "msp")
	customer := pgtest.Tenant(t, w.db, "customer", msp.Tenant)
	site := pgtest.Tenant(t, w.db, "site", customer.Tenant)
	other := pgtest.Tenant(t, w.db, "other")
	tokens := w.person(t, customer, "ann@customer.example", access.Manager)
	for _, test := range []struct {
		name, tenant string
		recursive    bool
		code         fault.Code
		acting       int32
		sees         []int32
	}{
		{"own", "", false, "", customer.Tenant, []int32{customer.Tenant}},
		{"own by slug", "customer", false, "", customer.Tenant, []int32{customer.Tenant}},
		{"own by slug in capitals", "CUSTOMER", false, "", customer.Tenant, []int32{customer.Tenant}},
		{"own subtree", "", true, "", customer.Tenant, []int32{customer.Tenant, site.Tenant}},
		{"below", site.TenantID.String(), false, "", site.Tenant, []int32{site.Tenant}},
		{"above", "msp", false, fault.NotFound, 0, nil},
		{"above by id", msp.TenantID.String(), true, fault.NotFound, 0, nil},
		{"beside", other.TenantID.String(), false, fault.NotFound, 0, nil},
		{"missing", uuid.NewString(), false, fault.NotFound, 0, nil},
		{"root", "root", true, fault.NotFound, 0, nil},
		{"nonsense", "'; DROP TABLE tenants; --", false, fault.NotFound, 0, nil},
	} {
		caller, err := w.auth.Authenticate(t.Context(), tokens.Access, test.tenant, test.recursive, "")
		wantCode(t, test.name, err, test.code)
		if err != nil {
			continue
		}
		if caller.Scope.Tenant != test.acting || caller.Scope.Role != access.Manager || fmt.Sprint(caller.Scope.Visible) != fmt.Sprint(test.sees) {
			t.Errorf("%s: scope %+v", test.name, caller.Scope)
		}
	}
}

func TestTheNearestMembershipDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	msp := pgtest.Tenant(t, w.db, "msp")
	customer := pgtest.Tenant(t, w.db, "customer", msp.Tenant)
	site := pgtest.Tenant(t, w.db, "site", customer.Tenant)
	tokens := w.person(t, msp, "ann@msp.example", access.Admin)
	scope := w.scope(t, tokens)
	err := w.db.InTenants(t.Context(), []int32{customer.Tenant, msp.Tenant}, access.System(msp.Tenant, "test").Actor, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO memberships (tenant_id, user_tenant_id, user_id, role, created_by, created_at, last_modified_by, last_modified_at)
			SELECT $1, tenant_id, id, 'READONLY', 'test', now(), 'test', now() FROM users WHERE public_id = $2`, customer.Tenant, scope.Actor.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for tenant, want := range map[string]access.Role{"msp": access.Admin, "customer": access.ReadOnly, site.TenantID.String(): access.ReadOnly} {
		caller, err := w.auth.Authenticate(t.Context(), tokens.Access, tenant, false, "")
		if err != nil || caller.Scope.Role != want {
			t.Errorf("at %s: %s %v, want %s", tenant, caller.Scope.Role, err, want)
		}
	}
	if at, err := w.auth.ScopeAt(t.Context(), scope, customer.TenantID); err != nil || at.Role != access.ReadOnly || at.Tenant != customer.Tenant {
		t.Errorf("judged anew: %+v %v", at, err)
	}
}
