package auth

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/tenantra/tenantra/fleet/fault"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, password string
		good           bool
	}{
		{"a few words", "correct horse battery staple", true},
		{"random", "q7Wz-94kT-xxLm", true},
		{"other scripts", "пароль из многих слов", true},
		{"128 characters", strings.Repeat("abcdefgh", 16)[:127] + "z", true},
		{"eleven characters", "eleven-char", false},
		{"129 characters", strings.Repeat("abcdefgh", 16) + "z", false},
		{"common with digits", "password1234", false},
		{"common with signs", "!!qwertyuiop!!", false},
		{"common twice", "dragondragon", false},
		{"one character", "aaaaaaaaaaaa", false},
		{"three characters", "abcabcabcabc", false},
		{"digits only", "194837261504", false},
		{"e-mail address", "my-ann.smith-2026", false},
		{"product", "Tenantra-is-fine", false},
		{"NUL", "correct horse\x00 battery", false},
		{"no text", "correct horse \xff battery", false},
		{"empty", "", false},
	} {
		err := checkPassword("body.new_password", test.password, "ann.smith@alpha.example")
		if (err == nil) != test.good {
			t.Errorf("%s: %v", test.name, err)
		}
		if err != nil && fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: code %q", test.name, fault.CodeOf(err))
		}
	}
}

func TestOneTimePasswordsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		password := oneTimePassword()
		if len(password) != 23 || seen[password] {
			t.Fatalf("one-time password %q", password)
		}
		seen[password] = true
	}
}

func TestDefaultCost(t *testing.T) {
	t.Parallel()
	cost := DefaultCost()
	if cost.Memory != 64<<10 || cost.Iterations != 3 || cost.Parallelism != 1 || cost.SaltLength != 16 {
		t.Errorf("cost %+v is not the promised one", cost)
	}
	h := newHasher(make([]byte, 32), cost)
	hash, err := h.hash(t.Context(), "correct horse battery staple")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=1$") {
		t.Errorf("hash %q %v", hash, err)
	}
}

func TestPepperIsNeeded(t *testing.T) {
	t.Parallel()
	cost := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	one := newHasher([]byte(strings.Repeat("1", 32)), cost)
	other := newHasher([]byte(strings.Repeat("2", 32)), cost)
	hash, err := one.hash(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		hasher   *hasher
		password string
		hash     string
		want     bool
	}{{one, "secret", hash, true}, {one, "Secret", hash, false}, {other, "secret", hash, false}, {one, "secret", "", false}} {
		match, _, err := test.hasher.verify(t.Context(), test.password, test.hash)
		if err != nil || match != test.want {
			t.Errorf("match %v %v, want %v", match, err, test.want)
		}
	}
	if _, stale, err := one.verify(t.Context(), "secret", hash); err != nil || stale {
		t.Errorf("a new hash is stale: %v %v", stale, err)
	}
	one.cost.Iterations = 2
	if _, stale, err := one.verify(t.Context(), "secret", hash); err != nil || !stale {
		t.Errorf("a hash of another cost is not stale: %v %v", stale, err)
	}
}

func TestHashesAreBounded(t *testing.T) {
	t.Parallel()
	h := newHasher(make([]byte, 32), argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	var leave []func()
	for range hashesAtOnce {
		l, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range hashesWaiting {
		wg.Go(func() {
			if _, err := h.enter(ctx); err == nil {
				t.Error("more hashes at once than allowed")
			}
		})
	}
	for h.waiting.Load() < hashesAtOnce+hashesWaiting {
		runtime.Gosched() // the goroutines above are on their way
	}
	if _, err := h.enter(t.Context()); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("one too many gives %v", err)
	}
	cancel()
	wg.Wait()
	for _, l := range leave {
		l()
	}
	if l, err := h.enter(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	} else {
		l()
	}
}
