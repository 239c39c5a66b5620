package mail_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/mail/smtptest"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// wrapper stands for the sealing of fleet/pki, which has its own tests.
type wrapper struct{}

func (wrapper) Seal(secret []byte, p pki.Place) (string, error) {
	return p.Table + "." + base64.StdEncoding.EncodeToString(secret), nil
}

func (wrapper) Open(text string, p pki.Place) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(text, p.Table+"."))
}

func TestMailIsSentAsItWasSet(t *testing.T) {
	t.Parallel()
	s := mail.New(pgtest.New(t), wrapper{})
	root := access.System(postgres.RootTenant, "test")
	message := mail.Message{To: "ann@alpha.example", Subject: "Hello\r\nBcc: eve@beta.example", Text: "Grüße\n.\nEnd\n"}
	if err := s.Send(t.Context(), message); !errors.Is(err, mail.ErrNotConfigured) {
		t.Errorf("before anything is set: %v", err)
	}
	server := smtptest.New(t)
	set := mail.Settings{Host: server.Host, Port: server.Port, Security: mail.None, Username: "fleet", Password: "a password", FromAddress: "fleet@root.example", FromName: "Tenantra"}
	if err := s.Put(t.Context(), root, set); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	got := server.Next(t)
	if got.From != "fleet@root.example" || got.To != "ann@alpha.example" || got.User != "|fleet|a password" || got.Header.Get("Bcc") != "" ||
		got.Header.Get("Subject") != "Hello  Bcc: eve@beta.example" || strings.ReplaceAll(got.Text, "\r", "") != message.Text {
		t.Errorf("the mail is %+v", got)
	}
	if shown, err := s.Settings(t.Context()); err != nil || shown.Password != "" || shown.Host != server.Host {
		t.Errorf("shown are %+v, %v", shown, err)
	}
	server.Refuse("550 nobody of that name")
	if err := s.Send(t.Context(), message); err == nil || !strings.Contains(err.Error(), "nobody of that name") {
		t.Errorf("a refused recipient: %v", err)
	}
	server.Refuse("")
	// A password stays with its server: naming another sends it nowhere.
	other := smtptest.New(t)
	set.Password, set.Port = "", other.Port
	if err := s.Put(t.Context(), root, set); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got := other.Next(t); got.User != "" {
		t.Errorf("the password went to another server: %s", got.User)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	s := mail.New(pgtest.New(t), wrapper{})
	good := mail.Settings{Host: "mail.example", Port: 587, Security: mail.StartTLS, FromAddress: "fleet@root.example"}
	for field, spoil := range map[string]func(*mail.Settings){
		"body.host":         func(s *mail.Settings) { s.Host = "mail.example/path" },
		"body.port":         func(s *mail.Settings) { s.Port = 0 },
		"body.security":     func(s *mail.Settings) { s.Security, s.Username, s.Password = mail.None, "x", "x" },
		"body.from_address": func(s *mail.Settings) { s.FromAddress = "Tenantra <fleet@root.example>" },
		"body.from_name":    func(s *mail.Settings) { s.FromName = "a\nb" },
		"body.ca":           func(s *mail.Settings) { s.CA = "no certificate" },
	} {
		set := good
		spoil(&set)
		err := s.Put(t.Context(), access.System(postgres.RootTenant, "test"), set)
		var told *fault.Error
		if !errors.As(err, &told) || told.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
