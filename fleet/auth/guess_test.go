package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// guess tries a wrong password and tells whether it was judged at all.
func (w *world) guess(t *testing.T, email, address string) bool {
	t.Helper()
	_, err := w.auth.Login(t.Context(), auth.Credentials{Email: email, Password: "not the password"}, auth.Origin{Address: address})
	switch fault.CodeOf(err) {
	case fault.Unauthenticated:
		return true
	case fault.TooMany:
		return false
	default:
		t.Fatalf("a guess gives %v", err)
		return false
	}
}

func TestGuessingFromOneAddressIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	judged := 0
	for range 200 {
		if w.guess(t, "ann@alpha.example", "203.0.113.5") {
			judged++
		}
	}
	if judged != 10 {
		t.Errorf("%d of 200 guesses were judged, want 10", judged)
	}
	w.clock.advance(3 * time.Minute)
	judged = 0
	for range 20 {
		if w.guess(t, "ann@alpha.example", "203.0.113.5") {
			judged++
		}
	}
	if judged != 3 {
		t.Errorf("after three minutes %d more were judged, want 3", judged)
	}
}

func TestGuessingAtManyAccountsFromOneAddressIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	judged := 0
	for i := range 200 {
		if w.guess(t, fmt.Sprintf("person%d@alpha.example", i), "203.0.113.5") {
			judged++
		}
	}
	if judged != 20 {
		t.Errorf("%d of 200 guesses were judged, want 20", judged)
	}
}

// Many addresses have the account's bucket full all the time. Each may try once a day; the person with the right
// password gets in, from where they were before and from a place that is new.
func TestNobodyIsLockedOutByOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	const addresses = 60
	judged := 0
	for round := range 3 {
		for i := range addresses {
			if w.guess(t, "ann@alpha.example", fmt.Sprintf("198.51.100.%d", i)) {
				judged++
			}
		}
		for _, from := range []auth.Origin{home, {Address: fmt.Sprintf("192.0.2.%d", 100+round)}} {
			if _, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, from); err != nil {
				t.Errorf("round %d: the person is kept out from %s: %v", round, from.Address, err)
			}
		}
	}
	// One for each address, and a few more while the bucket was filling or had room again after the person's own sign-ins.
	if judged > addresses+20 {
		t.Errorf("%d guesses of %d were judged", judged, 3*addresses)
	}
}

func TestRightPasswordCostsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	for i := range 40 {
		if _, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, home); err != nil {
			t.Fatalf("sign-in %d: %v", i, err)
		}
	}
}
