package auth_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/users"
)

// post collects mails; off, nobody can send any.
type post struct {
	sent chan mail.Message
	off  bool
}

func (p *post) Send(_ context.Context, m mail.Message) error { p.sent <- m; return nil }
func (p *post) Configured(context.Context) (bool, error)     { return !p.off, nil }

// newWorldWithMail is newWorld where links are mailed.
func newWorldWithMail(t *testing.T, p *post) *world {
	t.Helper()
	w := newWorld(t)
	service, err := auth.New(w.db, auth.Config{KeyDir: w.keys, Sealer: wrapper{}, Mailer: p, PublicURL: "https://fleet.example", Cost: &cheap, Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.auth, w.users = service, users.NewService(w.db, service)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w
}

// besiege has many addresses guess once each.
func (w *world) besiege(t *testing.T, email string, addresses int) {
	t.Helper()
	judged := 0
	for i := range addresses {
		if w.guess(t, email, fmt.Sprintf("198.51.%d.%d", 100+i/250, i%250)) {
			judged++
		}
	}
	if judged < 100 {
		t.Fatalf("only %d guesses were judged", judged)
	}
}

// S47: many addresses guess, and even the one that guesses right does not get in; the person gets in from where they were
// before, with a second factor, and by a link from their mailbox.
func TestAHundredFailuresAskForALink(t *testing.T) {
	t.Parallel()
	mails := &post{sent: make(chan mail.Message, 10)}
	w := newWorldWithMail(t, mails)
	alpha := pgtest.Tenant(t, w.db, "alpha")
	w.person(t, alpha, "ann@alpha.example", access.Manager)
	login := func(email, password, address, code string) error {
		_, err := w.auth.Login(t.Context(), auth.Credentials{Email: email, Password: password, Code: code}, auth.Origin{Address: address})
		return err
	}
	w.besiege(t, "ann@alpha.example", 1000)
	wrong := login("ann@alpha.example", "not the password", "203.0.113.7", "")
	right := login("ann@alpha.example", good, "203.0.113.8", "")
	if fault.CodeOf(right) != fault.Unauthenticated || wrong == nil || right.Error() != wrong.Error() {
		t.Fatalf("a right password is told from a wrong one: %v, %v", right, wrong)
	}
	if err := login("ann@alpha.example", good, home.Address, ""); err != nil {
		t.Errorf("from where the person was before: %v", err)
	}
	message := <-mails.sent
	_, token, found := strings.Cut(message.Text, "/reset#")
	if !found || message.To != "ann@alpha.example" {
		t.Fatalf("mailed: %+v", message)
	}
	token, _, _ = strings.Cut(token, "\n")
	const better = "another horse battery staple"
	if _, _, err := w.auth.UseLink(t.Context(), token, better, auth.Origin{Address: "203.0.113.8"}); err != nil {
		t.Fatal(err)
	}
	if err := login("ann@alpha.example", better, "203.0.113.8", ""); err != nil {
		t.Errorf("after the link: %v", err)
	}
	// An address that nobody has is answered alike.
	w.besiege(t, "nobody@alpha.example", 120)
	if err := login("nobody@alpha.example", "not the password", "203.0.113.9", ""); err == nil || err.Error() != wrong.Error() {
		t.Errorf("nobody's account: %v", err)
	}
	if len(mails.sent) != 0 {
		t.Error("somebody else got mail")
	}
}

func TestASecondFactorOpensAnAccountThatIsGuessedAt(t *testing.T) {
	t.Parallel()
	w := newWorldWithMail(t, &post{sent: make(chan mail.Message, 10)})
	tokens := w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	secret, _ := w.enrol(t, tokens)
	w.besiege(t, "ann@alpha.example", 120)
	w.clock.advance(time.Minute)
	for _, address := range []string{"203.0.113.7", "203.0.113.8"} {
		if _, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good, Code: w.code(t, secret)}, auth.Origin{Address: address}); err != nil {
			t.Errorf("from %s: %v", address, err)
		}
		w.clock.advance(time.Minute)
	}
}

func TestWithoutMailNobodyIsLockedOut(t *testing.T) {
	t.Parallel()
	w := newWorldWithMail(t, &post{off: true})
	w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	w.besiege(t, "ann@alpha.example", 120)
	if _, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, auth.Origin{Address: "203.0.113.7"}); err != nil {
		t.Error(err)
	}
}

func TestFailuresAreForgottenAfterADay(t *testing.T) {
	t.Parallel()
	w := newWorldWithMail(t, &post{sent: make(chan mail.Message, 10)})
	w.person(t, pgtest.Tenant(t, w.db, "alpha"), "ann@alpha.example", access.Manager)
	w.besiege(t, "ann@alpha.example", 120)
	w.clock.advance(25 * time.Hour)
	if _, err := w.auth.Login(t.Context(), auth.Credentials{Email: "ann@alpha.example", Password: good}, auth.Origin{Address: "203.0.113.7"}); err != nil {
		t.Error(err)
	}
}
