package mail

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

type settingsOutput struct {
	Body struct {
		Configured     bool       `json:"configured"`
		Host           string     `json:"host"`
		Port           int        `json:"port"`
		Security       Security   `json:"security" enum:",starttls,tls,none"`
		CA             string     `json:"ca"`
		Username       string     `json:"username"`
		FromAddress    string     `json:"from_address"`
		FromName       string     `json:"from_name"`
		LastModifiedAt *time.Time `json:"last_modified_at"`
	}
}

type putInput struct {
	Body struct {
		Host        string   `json:"host" minLength:"1" maxLength:"253"`
		Port        int      `json:"port" minimum:"1" maximum:"65535"`
		Security    Security `json:"security" enum:"starttls,tls,none"`
		CA          string   `json:"ca,omitempty" maxLength:"65536" doc:"Certificate authority of the server, PEM; the system's when absent."`
		Username    string   `json:"username,omitempty" maxLength:"200"`
		Password    string   `json:"password,omitempty" maxLength:"1000" doc:"Kept where it is absent and server and username stay the same."`
		FromAddress string   `json:"from_address" format:"email" maxLength:"254"`
		FromName    string   `json:"from_name,omitempty" maxLength:"200"`
	}
}

type testInput struct {
	Body struct {
		To string `json:"to" format:"email" maxLength:"254"`
	}
}

// atRoot holds that mail is a matter of the installation: elsewhere there is nothing of it.
func atRoot(scope access.Scope) error {
	if scope.Tenant != postgres.RootTenant {
		return fault.New(fault.NotFound, "mail is set for the whole installation: act in its root tenant")
	}
	return nil
}

// Routes registers the calls about mail.
func (s *Service) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "get-mail-settings", Method: http.MethodGet, Path: "/settings/mail", Summary: "Read how mail is sent; the password is never shown", Tags: []string{"settings"},
		Permission: access.SettingsManage,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*settingsOutput, error) {
		if err := atRoot(scope); err != nil {
			return nil, err
		}
		out := &settingsOutput{}
		set, err := s.Settings(ctx)
		if errors.Is(err, ErrNotConfigured) {
			return out, nil
		}
		b := &out.Body
		b.Configured, b.Host, b.Port, b.Security, b.CA, b.Username = true, set.Host, set.Port, set.Security, set.CA, set.Username
		b.FromAddress, b.FromName, b.LastModifiedAt = set.FromAddress, set.FromName, &set.LastModifiedAt
		return out, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-mail-settings", Method: http.MethodPut, Path: "/settings/mail", Summary: "Say how mail is sent", Tags: []string{"settings"},
		Permission: access.SettingsManage, StepUp: true, Audit: "mail.put",
	}, func(ctx context.Context, scope access.Scope, in *putInput) (*struct{}, error) {
		if err := atRoot(scope); err != nil {
			return nil, err
		}
		b := in.Body
		return &struct{}{}, s.Put(ctx, scope, Settings{
			Host: b.Host, Port: b.Port, Security: b.Security, CA: b.CA, Username: b.Username, Password: b.Password, FromAddress: b.FromAddress, FromName: b.FromName,
		})
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-mail-settings", Method: http.MethodDelete, Path: "/settings/mail", Summary: "Send no mail any more", Tags: []string{"settings"},
		Permission: access.SettingsManage, StepUp: true, Audit: "mail.delete",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*struct{}, error) {
		if err := atRoot(scope); err != nil {
			return nil, err
		}
		return &struct{}{}, s.Delete(ctx, scope)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "test-mail-settings", Method: http.MethodPost, Path: "/settings/mail/test", Summary: "Send a test mail, and tell what the server answered", Tags: []string{"settings"},
		Permission: access.SettingsManage, Person: true, Audit: "mail.test",
	}, func(ctx context.Context, scope access.Scope, in *testInput) (*struct{}, error) {
		if err := atRoot(scope); err != nil {
			return nil, err
		}
		return &struct{}{}, s.Test(ctx, scope, in.Body.To)
	})
}

// Test sends a mail that says nothing but that it came.
func (s *Service) Test(ctx context.Context, scope access.Scope, to string) error {
	if !ValidAddress(to) {
		return fault.Field(fault.Invalid, "body.to", "is not an e-mail address")
	}
	sent := s.Send(ctx, Message{To: to, Subject: "Tenantra can send mail", Text: "This is the test mail that " + scope.Actor.Name + " asked for.\n"})
	outcome := "sent"
	if sent != nil {
		outcome = "failed"
	}
	err := s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "mail.test", Object: "settings:mail", Detail: map[string]string{"to": to, "outcome": outcome}})
	})
	if err != nil {
		return err
	}
	if sent != nil {
		return fault.New(fault.Unavailable, "the mail was not taken: %v", sent) // an administrator of the installation reads it
	}
	return nil
}
