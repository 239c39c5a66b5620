// Package mail sends the installation's e-mail through the SMTP server that its administrators name. What is sent is
// made by us: text of tenants appears in it as text, and addresses are checked before they become headers.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// sendTime bounds one delivery to the SMTP server.
const sendTime = 20 * time.Second

// Security says how the connection to the SMTP server is protected.
type Security string

// The kinds of protection.
const (
	StartTLS Security = "starttls" // required, not only where the server offers it
	TLS      Security = "tls"
	None     Security = "none" // without a password, unless the server is on this machine
)

// Settings say how mail is sent.
type Settings struct {
	Host        string
	Port        int
	Security    Security
	CA          string // PEM; "" for the system's
	Username    string
	Password    string // never given back
	FromAddress string
	FromName    string

	LastModifiedAt time.Time
}

// Message is one mail to one person.
type Message struct {
	To      string
	Subject string
	Text    string
	HTML    string // the same for clients that show it; "" for text alone. Its maker has escaped what is in it
	ID      string // of the message, the same when it is sent again; "" for a new one
}

// ErrNotConfigured tells that no SMTP server was named.
var ErrNotConfigured = errors.New("no mail server is configured")

// Sealer keeps the password; pki.Sealer implements it.
type Sealer interface {
	Seal(secret []byte, p pki.Place) (string, error)
	Open(text string, p pki.Place) ([]byte, error)
}

// Service keeps the settings and sends.
type Service struct {
	db     *postgres.DB
	sealer Sealer
}

// New makes a Service.
func New(db *postgres.DB, sealer Sealer) *Service { return &Service{db: db, sealer: sealer} }

func place() pki.Place {
	return pki.Place{Tenant: postgres.RootTenant, Table: "mail_settings", Column: "password", Row: "smtp"}
}

// Settings gives what is set, without the password, or ErrNotConfigured.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	set, _, err := s.read(ctx)
	return set, err
}

// Configured tells whether a mail server was named.
func (s *Service) Configured(ctx context.Context) (bool, error) {
	_, err := s.Settings(ctx)
	if errors.Is(err, ErrNotConfigured) {
		return false, nil
	}
	return err == nil, err
}

func (s *Service) read(ctx context.Context) (set Settings, sealed string, err error) {
	err = s.db.InScope(ctx, access.System(postgres.RootTenant, "mail"), func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		set, sealed, err = readSettings(ctx, tx)
		return err
	})
	return set, sealed, err
}

// Put stores settings. An empty password with the same server and username keeps the one that is stored.
func (s *Service) Put(ctx context.Context, scope access.Scope, set Settings) error {
	if err := set.validate(); err != nil {
		return err
	}
	before, sealed, err := s.read(ctx)
	if err != nil && !errors.Is(err, ErrNotConfigured) {
		return err
	}
	switch {
	case set.Password != "":
		if sealed, err = s.sealer.Seal([]byte(set.Password), place()); err != nil {
			return err
		}
	case before.Host != set.Host || before.Port != set.Port || before.Username != set.Username || set.Username == "":
		sealed = "" // a password is for the server it was given for: nobody gets it sent to another by naming that
	}
	if set.Security == None && sealed != "" && !local(set.Host) {
		return fault.Field(fault.Invalid, "body.security", "none would send the password in clear: use starttls or tls")
	}
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := storeSettings(ctx, tx, set, sealed); err != nil {
			return err
		}
		changes := audit.Changes(before.facts(), set.facts())
		changes["password"] = audit.Change{Before: nil, After: map[bool]string{true: "changed", false: "kept"}[set.Password != ""]}
		return audit.Record(ctx, tx, audit.Entry{Action: "mail.put", Object: "settings:mail", Detail: changes})
	})
}

// facts are what the audit log may show.
func (s Settings) facts() map[string]any {
	return map[string]any{"host": s.Host, "port": s.Port, "security": s.Security, "username": s.Username, "from_address": s.FromAddress, "from_name": s.FromName}
}

// Delete forgets the settings: no mail is sent any more.
func (s *Service) Delete(ctx context.Context, scope access.Scope) error {
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := deleteSettings(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "mail.delete", Object: "settings:mail"})
	})
}

func (s *Settings) validate() error {
	s.Host = strings.ToLower(strings.TrimSpace(s.Host))
	switch {
	case !hostText(s.Host):
		return fault.Field(fault.Invalid, "body.host", "is not the name or address of a server")
	case s.Port < 1 || s.Port > 65535:
		return fault.Field(fault.Invalid, "body.port", "must be 1 to 65535; 587 is usual for starttls, 465 for tls")
	case s.Security != StartTLS && s.Security != TLS && s.Security != None:
		return fault.Field(fault.Invalid, "body.security", "must be starttls, tls or none")
	case !ValidAddress(s.FromAddress):
		return fault.Field(fault.Invalid, "body.from_address", "is not an e-mail address")
	case strings.ContainsFunc(s.FromName+s.Username, func(r rune) bool { return r < ' ' }) || len(s.FromName) > 200 || len(s.Username) > 200 || len(s.Password) > 1000:
		return fault.Field(fault.Invalid, "body.from_name", "names must be short and have no control characters")
	case s.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(s.CA)):
		return fault.Field(fault.Invalid, "body.ca", "holds no certificate in PEM")
	}
	return nil
}

func hostText(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	parsed, err := url.Parse("smtp://" + host)
	return err == nil && parsed.Hostname() == host && !strings.ContainsAny(host, " /@?#%\x00")
}

func local(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// Send delivers one message to the SMTP server, or says what that refused. ErrNotConfigured where there is none.
func (s *Service) Send(ctx context.Context, message Message) error {
	set, sealed, err := s.read(ctx)
	if err != nil {
		return err
	}
	if sealed != "" {
		password, err := s.sealer.Open(sealed, place())
		if err != nil {
			return err
		}
		set.Password = string(password)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	client, err := set.client()
	if err != nil {
		return err
	}
	text := gomail.NewMsg()
	err = errors.Join(text.FromFormat(set.FromName, set.FromAddress), text.To(message.To))
	if err != nil {
		return fmt.Errorf("address mail: %w", err)
	}
	text.Subject(oneLine(message.Subject))
	if message.ID == "" {
		text.SetMessageID()
	} else {
		text.SetMessageIDWithValue(oneLine(message.ID))
	}
	text.SetDate()
	text.SetGenHeader("Auto-Submitted", "auto-generated")
	text.SetBodyString(gomail.TypeTextPlain, message.Text)
	if message.HTML != "" {
		text.AddAlternativeString(gomail.TypeTextHTML, message.HTML)
	}
	if err := client.DialAndSendWithContext(ctx, text); err != nil {
		return fmt.Errorf("send mail by %s: %w", set.Host, err)
	}
	return nil
}

func (s Settings) client() (*gomail.Client, error) {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if s.CA != "" {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM([]byte(s.CA))
	}
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(sendTime), gomail.WithTLSConfig(config)}
	switch s.Security {
	case TLS:
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.Password != "" {
		method := gomail.SMTPAuthAutoDiscover
		if s.Security == None {
			method = gomail.SMTPAuthPlainNoEnc // to this machine only, see Put
		}
		options = append(options, gomail.WithSMTPAuth(method), gomail.WithUsername(s.Username), gomail.WithPassword(s.Password))
	}
	client, err := gomail.NewClient(s.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare mail: %w", err)
	}
	return client, nil
}

// oneLine keeps text of tenants from ending a header.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
