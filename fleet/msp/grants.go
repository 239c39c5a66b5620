// Package msp is what an MSP does with its customers as a whole: it acts in one of them for a while with a grant of access
// that the customer sees and may end, and it looks over the health of all of them.
package msp

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	reasonLeast  = 10
	reasonMost   = 500
	minutesMost  = 60
	noticesTime  = 2 * time.Minute
	noticesMost  = 20
	eventGrant   = "access_grant"
	eventStarted = "started"
	eventEnded   = "ended"
)

// Grant is leave to act in a customer's tenant for a while.
type Grant struct {
	ID        uuid.UUID   `json:"id" doc:"The msp_scope_token that marks each action in the audit log."`
	TenantID  uuid.UUID   `json:"tenant_id"`
	Tenant    string      `json:"tenant_name"`
	ActorID   uuid.UUID   `json:"actor_id"`
	Actor     string      `json:"actor" doc:"Who acts."`
	UserID    *uuid.UUID  `json:"user_id" doc:"The person acted for; null: with a role."`
	User      string      `json:"user"`
	Role      access.Role `json:"role"`
	Reason    string      `json:"reason"`
	StartedAt time.Time   `json:"started_at"`
	ExpiresAt time.Time   `json:"expires_at"`
	EndedAt   *time.Time  `json:"ended_at"`
	EndedBy   string      `json:"ended_by"`

	tenant int32
}

// Start is what a grant is made from.
type Start struct {
	User    uuid.UUID   // acted for; zero: with Role
	Role    access.Role // "": READONLY
	Reason  string
	Minutes int // 0: 60
}

// Accounts is what grants need of sign-in; fleet/auth implements it.
type Accounts interface {
	GrantToken(ctx context.Context, scope access.Scope, grant uuid.UUID, person, tenant uuid.UUID, until time.Time) (token string, life time.Duration, err error)
	Home(ctx context.Context, scope access.Scope) (tenant int32, err error)
	Standing(ctx context.Context, home, user int32, tenant uuid.UUID) (auth.Standing, error)
	Forget(id uuid.UUID)
	Now() time.Time
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB       *postgres.DB
	Accounts Accounts
	// Support tells whether a tenant's own people let those above act in it.
	Support func(ctx context.Context, tenant int32) (bool, error)
	Mailer  auth.Mailer                                                                     // of notices; nil: none is mailed
	Publish func(ctx context.Context, tenant uuid.UUID, kind, id string, body []byte) error // bus.Publish; nil: nobody follows
	Log     *slog.Logger
}

// Service starts and ends grants, and looks over customers.
type Service struct {
	Config
	later chan func(context.Context)
}

// New makes a Service.
func New(config Config) *Service {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Config: config, later: make(chan func(context.Context), 64)}
}

// Run sends notices until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case send := <-s.later:
			inner, cancel := context.WithTimeout(ctx, noticesTime)
			send(inner)
			cancel()
		}
	}
}

// Start gives the caller leave to act in the scope's tenant, as one of its people or with a role, and the access token for
// it. Only those who manage the tenant from above may, with no more rights than they have, and unless its people have
// switched that off.
func (s *Service) Start(ctx context.Context, scope access.Scope, start Start) (made Grant, token string, life time.Duration, err error) {
	start.Reason = strings.TrimSpace(start.Reason)
	if n := utf8.RuneCountInString(start.Reason); n < reasonLeast || n > reasonMost || strings.ContainsRune(start.Reason, 0) {
		return Grant{}, "", 0, fault.Field(fault.Invalid, "body.reason", "must have %d to %d characters: the customer reads it", reasonLeast, reasonMost)
	}
	if start.Minutes == 0 {
		start.Minutes = minutesMost
	}
	if start.Minutes < 1 || start.Minutes > minutesMost {
		return Grant{}, "", 0, fault.Field(fault.Invalid, "body.minutes", "must be 1 to %d", minutesMost)
	}
	if err := s.mayStart(ctx, scope); err != nil {
		return Grant{}, "", 0, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Grant{}, "", 0, err
	}
	var admins []string
	now := s.Accounts.Now().UTC()
	err = s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		made = Grant{
			ID: id, TenantID: scope.TenantID, ActorID: scope.Actor.ID, Actor: scope.Actor.Name, Role: start.Role, Reason: start.Reason,
			StartedAt: now, ExpiresAt: now.Add(time.Duration(start.Minutes) * time.Minute), tenant: scope.Tenant,
		}
		var user int32
		if start.User != uuid.Nil {
			var err error
			if user, made.User, made.Role, err = findUser(ctx, tx, start.User); err != nil {
				return err
			}
			made.UserID = &start.User
		}
		if made.Role == "" {
			made.Role = access.ReadOnly
		}
		switch {
		case !made.Role.Valid():
			return fault.Field(fault.Invalid, "body.role", "is not a role")
		case made.Role.Rights()&^scope.Rights() != 0:
			return fault.New(fault.Forbidden, "the role %s may do more here than you may: nobody acts with rights that they lack", made.Role)
		}
		if err := insertGrant(ctx, tx, made, user, scope.Actor.Session); err != nil {
			return err
		}
		var err error
		if made.Tenant, admins, err = readNotified(ctx, tx); err != nil {
			return err
		}
		tx.Scope.Actor.Grant = id
		if made.UserID != nil {
			tx.Scope.Actor.OnBehalf = *made.UserID
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "grants.start", Object: "grant:" + id.String(),
			Detail: map[string]any{"reason": made.Reason, "role": made.Role, "user": made.User, "expires_at": made.ExpiresAt}})
	})
	if err != nil {
		return Grant{}, "", 0, err
	}
	s.tell(ctx, made, eventStarted)
	s.notify(ctx, made, admins)
	token, life, err = s.Accounts.GrantToken(ctx, scope, id, start.User, scope.TenantID, made.ExpiresAt)
	return made, token, life, err
}

// mayStart holds that the caller manages the tenant from above, and that its people allow it.
func (s *Service) mayStart(ctx context.Context, scope access.Scope) error {
	home, err := s.Accounts.Home(ctx, scope)
	if err != nil {
		return err
	}
	user, err := s.userKey(ctx, home, scope.Actor.ID)
	if err != nil {
		return err
	}
	standing, err := s.Accounts.Standing(ctx, home, user, scope.TenantID)
	if err != nil {
		return err
	}
	if standing.MemberOf == scope.Tenant {
		return fault.New(fault.Forbidden, "you belong to this tenant: a grant is for tenants below yours")
	}
	allowed, err := s.Support(ctx, scope.Tenant)
	if err != nil {
		return err
	}
	if !allowed {
		return fault.New(fault.Forbidden, "the tenant's people have switched access from above off: ask them")
	}
	return nil
}

// List gives the grants of the scope's tenants, the newest first.
func (s *Service) List(ctx context.Context, scope access.Scope, before uuid.UUID, live bool, limit int) ([]Grant, error) {
	var list []Grant
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		list, err = listGrants(ctx, tx, before, live, s.Accounts.Now(), limit)
		return err
	})
	return list, err
}

// End ends a grant: whoever acts with it, and those who manage people of the tenant, may.
func (s *Service) End(ctx context.Context, scope access.Scope, id uuid.UUID) (Grant, error) {
	var ended Grant
	err := s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if ended, err = lockGrant(ctx, tx, id); err != nil {
			return err
		}
		if ended.ActorID != scope.Actor.ID && !scope.Can(access.UsersManage) {
			return fault.New(fault.Forbidden, "only who acts with it, and those who manage people here, end a grant")
		}
		if ended.EndedAt != nil {
			return nil
		}
		now := s.Accounts.Now().UTC()
		ended.EndedAt, ended.EndedBy = &now, scope.Actor.Name
		if err := endGrant(ctx, tx, ended); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "grants.end", Object: "grant:" + id.String(), Detail: map[string]string{"actor": ended.Actor}})
	})
	if err != nil {
		return Grant{}, err
	}
	s.Accounts.Forget(id)
	s.tell(ctx, ended, eventEnded)
	return ended, nil
}

// tell has consoles of the tenant show that somebody acts in it, or no more.
func (s *Service) tell(ctx context.Context, g Grant, what string) {
	if s.Publish == nil {
		return
	}
	body, err := json.Marshal(map[string]any{"type": eventGrant, "what": what, "grant_id": g.ID, "actor": g.Actor, "expires_at": g.ExpiresAt})
	if err == nil {
		err = s.Publish(ctx, g.TenantID, bus.KindEvent, g.ID.String(), body)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "consoles hear later of a grant", "grant_id", g.ID, "err", err)
	}
}

// notify mails the tenant's administrators. It does not hold up who starts: the audit log and the console tell as well.
func (s *Service) notify(ctx context.Context, g Grant, admins []string) {
	if s.Mailer == nil {
		return
	}
	as := "with the role " + string(g.Role)
	if g.User != "" {
		as = "as " + g.User
	}
	text := g.Actor + " acts in " + g.Tenant + " " + as + " until " + g.ExpiresAt.Format("15:04 MST on 2 January 2006") + ".\n\nThe reason given: " + g.Reason +
		"\n\nYou can end this in the console, under Audit, and switch access from above off in the settings.\n"
	send := func(ctx context.Context) {
		for _, to := range admins {
			err := s.Mailer.Send(ctx, mail.Message{To: to, Subject: g.Actor + " acts in " + g.Tenant, Text: text})
			if errors.Is(err, mail.ErrNotConfigured) {
				return // the console and the audit log tell
			}
			if err != nil {
				s.Log.WarnContext(ctx, "an administrator was not told of a grant by mail", "grant_id", g.ID, "err", err)
			}
		}
	}
	select {
	case s.later <- send:
	default:
		s.Log.WarnContext(ctx, "administrators were not told of a grant by mail: too many at once", "grant_id", g.ID)
	}
}
