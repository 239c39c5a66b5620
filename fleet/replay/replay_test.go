package replay_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestARepeatedCreateMakesOneAndAnswersTheSame(t *testing.T) {
	t.Parallel()
	s := authtest.New(t, httpapi.Config{}, nil)
	alpha := pgtest.Tenant(t, s.DB, "alpha")
	admin, second := s.Person(alpha, "admin@alpha.example", access.Admin), s.Person(alpha, "second@alpha.example", access.Admin)
	create := func(who *authtest.Client, email, key string) (int, http.Header, string) {
		t.Helper()
		return who.Call(http.MethodPost, "/users", map[string]any{"email": email, "name": "New", "role": "USER"}, "Idempotency-Key", key)
	}
	const key = "0d9f2c52-7c0c-4f7b-9d57-1e8f31b2a001"
	status, header, first := create(admin, "new@alpha.example", key)
	if status != 201 || header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("the first: %d %s", status, first)
	}
	status, header, again := create(admin, "new@alpha.example", key)
	if status != 201 || header.Get("Idempotent-Replayed") != "true" || again != first || !strings.Contains(first, "one_time_password") {
		t.Errorf("the same again: %d %s, want %s", status, again, first)
	}
	if status, _, text := create(admin, "other@alpha.example", key); status != 409 || !strings.Contains(text, "another call") {
		t.Errorf("another call with the key: %d %s", status, text)
	}
	if status, _, text := create(second, "new@alpha.example", key); status != 409 || strings.Contains(text, "Idempotency") {
		t.Errorf("another person's key of the same text: %d %s", status, text)
	}
	if status, _, text := create(admin, "new@alpha.example", "short"); status != 400 {
		t.Errorf("a key that is no key: %d %s", status, text)
	}
	// What failed did nothing, and may be tried again with its key.
	const later = "0d9f2c52-7c0c-4f7b-9d57-1e8f31b2a002"
	if status, _, _ := create(admin, "not an address", later); status != 400 {
		t.Errorf("a bad create: %d", status)
	}
	if status, _, text := create(admin, "fixed@alpha.example", later); status != 201 {
		t.Errorf("the same key after a failure: %d %s", status, text)
	}
	if users := admin.Items("/users"); len(users) != 4 {
		t.Errorf("%d people", len(users))
	}
}

func TestOfCreatesAtOnceOneRuns(t *testing.T) {
	t.Parallel()
	s := authtest.New(t, httpapi.Config{}, nil)
	admin := s.Person(pgtest.Tenant(t, s.DB, "alpha"), "admin@alpha.example", access.Admin)
	statuses := make([]int, 8)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() {
			statuses[i], _, _ = admin.Call(http.MethodPost, "/users", map[string]any{"email": "new@alpha.example", "name": "New", "role": "USER"}, "Idempotency-Key", "the same key")
		})
	}
	wg.Wait()
	made := 0
	for _, status := range statuses {
		switch status {
		case 201:
			made++
		case 409: // still running
		default:
			t.Errorf("answered %v", statuses)
		}
	}
	if made == 0 || len(admin.Items("/users")) != 2 {
		t.Errorf("answered %v, %d people", statuses, len(admin.Items("/users")))
	}
	if entries := fmt.Sprint(admin.Items("/audit?action=users.create")); strings.Count(entries, "new@alpha.example") != 1 {
		t.Errorf("the log tells of %s", entries)
	}
}
