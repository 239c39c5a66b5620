package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/packs/alertrules"
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB       *postgres.DB
	Bus      findings.Publisher
	Findings Findings
	Notifier Notifier
	Jobs     *jobs.Runner
	Library  []*alertrules.Rule // the product's own
	Compiler *alertrules.Compiler
	// Sources tells what collections a tenant has.
	Sources func(ctx context.Context, tenant int32) (alertrules.Sources, error)
	// Changes gives what is kept of a tenant's drift in a time; nil where nothing is.
	Changes func(ctx context.Context, tx *postgres.Tx, collection string, from, to time.Time) ([]AgentChange, error)
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger
}

// AgentChange is what changed on an agent at a time, as rules on drift see it.
type AgentChange struct {
	Agent int32
	At    time.Time
	Table alertrules.Table
}

// Service judges rules and keeps alerts. Safe for concurrent use.
type Service struct {
	Config
	known known
	now   func() time.Time
}

// New makes a Service, and registers its jobs.
func New(c Config) *Service {
	s := &Service{Config: c, now: c.Now}
	if s.now == nil {
		s.now = time.Now
	}
	s.known = known{effective: map[int32]held{}, parsed: map[[32]byte]*alertrules.Rule{}}
	jobs.Handle(c.Jobs, s.settleTenant)
	c.Jobs.Every(dueInterval, "alerts-due", s.Tick)
	c.Jobs.Every(sweepInterval, "alerts-agents", s.Sweep)
	return s
}

// List gives alerts that the scope sees, the youngest first, those before an id.
func (s *Service) List(ctx context.Context, scope access.Scope, filter Filter, before uuid.UUID, limit int) (out []*Alert, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if out, err = list(ctx, tx, filter, scope.Readable(), before, limit); err != nil {
			return err
		}
		return addHostnames(ctx, tx, out)
	})
	for _, a := range out {
		a.maskFor(scope)
	}
	return out, err
}

// maskFor takes out what the scope may not read.
func (a *Alert) maskFor(scope access.Scope) {
	if scope.MayRead(a.Class) {
		return
	}
	a.Message = findings.Hidden(a.Class)
	for name := range a.Labels {
		if name != "agent.id" && name != "agent.hostname" && name != "agent.platform" && name != "agent.os_name" {
			a.Labels[name] = findings.Hidden(a.Class)
		}
	}
}

// Get gives an alert with its members and history, or fault.NotFound.
func (s *Service) Get(ctx context.Context, scope access.Scope, id uuid.UUID) (a *Alert, in []Member, past []Event, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if a, err = findByID(ctx, tx, id); err != nil {
			return err
		}
		if in, err = members(ctx, tx, a); err != nil {
			return err
		}
		if past, err = history(ctx, tx, a); err != nil {
			return err
		}
		return addHostnames(ctx, tx, []*Alert{a})
	})
	if err != nil {
		return nil, nil, nil, err
	}
	a.maskFor(scope)
	for i := range in {
		if !scope.MayRead(in[i].Class) {
			in[i].Message = findings.Hidden(in[i].Class)
		}
	}
	return a, in, past, nil
}

// Acknowledge says that somebody sees to an alert.
func (s *Service) Acknowledge(ctx context.Context, scope access.Scope, id uuid.UUID, reason string) (*Alert, error) {
	return s.move(ctx, scope, id, "alerts.acknowledge", reason, func(_ context.Context, tx *postgres.Tx, a *Alert) (step, error) {
		if a.State != Open && a.State != Snoozed {
			return step{}, fault.New(fault.Conflict, "the alert is %s; one that is open or snoozed can be acknowledged", a.State)
		}
		a.State, a.SnoozedUntil = Acknowledged, nil
		return step{event: "acknowledged", reason: reason}, nil
	})
}

// Snooze has nobody told of an alert until a time, at most 30 days from now.
func (s *Service) Snooze(ctx context.Context, scope access.Scope, id uuid.UUID, until time.Time, reason string) (*Alert, error) {
	return s.move(ctx, scope, id, "alerts.snooze", reason, func(_ context.Context, tx *postgres.Tx, a *Alert) (step, error) {
		if a.State == Resolved {
			return step{}, fault.New(fault.Conflict, "the alert is resolved")
		}
		if !until.After(tx.Now) || until.Sub(tx.Now) > 30*24*time.Hour {
			return step{}, fault.Field(fault.Invalid, "body.minutes", "an alert is snoozed for up to 30 days")
		}
		a.State, a.SnoozedUntil = Snoozed, at(until)
		text := "until " + until.UTC().Format(time.RFC3339)
		if reason != "" {
			text += ": " + reason
		}
		return step{event: "snoozed", reason: text}, nil
	})
}

// Reopen takes back an acknowledgement or a snooze.
func (s *Service) Reopen(ctx context.Context, scope access.Scope, id uuid.UUID, reason string) (*Alert, error) {
	return s.move(ctx, scope, id, "alerts.reopen", reason, func(ctx context.Context, tx *postgres.Tx, a *Alert) (step, error) {
		if a.State != Acknowledged && a.State != Snoozed {
			return step{}, fault.New(fault.Conflict, "the alert is %s; one that is acknowledged or snoozed can be opened again", a.State)
		}
		h, err := s.hold(ctx, a.tenant)
		if err != nil {
			return step{}, err
		}
		a.State, a.SnoozedUntil = Open, nil
		a.arm(tx.Now, h.find(a.Rule).policy())
		return step{event: "reopened", reason: reason}, nil
	})
}

// Resolve says that an alert is over. What is still so opens it again when it is found the next time.
func (s *Service) Resolve(ctx context.Context, scope access.Scope, id uuid.UUID, reason string) (*Alert, error) {
	return s.move(ctx, scope, id, "alerts.resolve", reason, func(ctx context.Context, tx *postgres.Tx, a *Alert) (step, error) {
		if a.State == Resolved {
			return step{}, fault.New(fault.Conflict, "the alert is resolved")
		}
		if err := s.closeFindings(ctx, tx, a, "its alert was resolved by a person"); err != nil {
			return step{}, err
		}
		a.settle(tx.Now, reason)
		return step{event: "resolved", reason: reason}, nil
	})
}

// closeFindings closes the findings that a rule opened itself, and takes all out of the alert.
func (s *Service) closeFindings(ctx context.Context, tx *postgres.Tx, a *Alert, reason string) error {
	in, err := firingMembers(ctx, tx, a)
	if err != nil {
		return err
	}
	if err := dropMembers(ctx, tx, a); err != nil {
		return err
	}
	for _, m := range in {
		if m.Kind == KindAlert {
			if err := s.Findings.Resolve(ctx, tx, m.Agent, m.Kind, m.Subject, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// move changes an alert's state for a person, in the alert's own tenant, which may be below the one acted in.
func (s *Service) move(ctx context.Context, scope access.Scope, id uuid.UUID, action, reason string, change func(context.Context, *postgres.Tx, *Alert) (step, error)) (a *Alert, err error) {
	err = s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err := findByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := tx.Lock(ctx, postgres.Alerting, found.tenant); err != nil {
			return err
		}
		if a, err = findByID(ctx, tx, id); err != nil { // as it is now that nobody else changes it
			return err
		}
		acted := tx.Scope.Tenant
		tx.Scope.Tenant = a.tenant // where its findings are
		st, err := change(ctx, tx, a)
		tx.Scope.Tenant = acted
		if err != nil {
			return err
		}
		a.StateAt = tx.Now
		if err := addEvent(ctx, tx, a, st.event, st.reason); err != nil {
			return err
		}
		if err := put(ctx, tx, a); err != nil {
			return err
		}
		if err := s.announce(ctx, tx, a); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "alert:" + id.String(), Detail: map[string]any{"rule": a.Rule, "reason": reason}})
	})
	if err != nil {
		return nil, err
	}
	a.maskFor(scope)
	return a, nil
}

// Rules gives the rules that hold for the scope's tenant, by id.
func (s *Service) Rules(ctx context.Context, scope access.Scope) ([]Effective, error) {
	h, err := s.fresh(ctx, scope.Tenant)
	return h.rules, err
}

// fresh is hold without what may be some seconds old: people see what they have just stored.
func (s *Service) fresh(ctx context.Context, tenant int32) (held, error) {
	s.known.mu.Lock()
	delete(s.known.effective, tenant)
	s.known.mu.Unlock()
	return s.hold(ctx, tenant)
}

// Rule gives a rule by its id, or fault.NotFound.
func (s *Service) Rule(ctx context.Context, scope access.Scope, id string) (Effective, error) {
	h, err := s.fresh(ctx, scope.Tenant)
	if err != nil {
		return Effective{}, err
	}
	for _, e := range h.rules {
		if e.ID == id {
			return e, nil
		}
	}
	return Effective{}, fault.New(fault.NotFound, "there is no such rule")
}

const (
	ruleTextMax = 256 << 10
	rulesMax    = 200 // of one tenant's own
)

// Check reads a rule as the scope's tenant would store it. Its error is of the person's text: file, line and column.
func (s *Service) Check(ctx context.Context, scope access.Scope, name, text string) (*alertrules.Rule, error) {
	draft, err := s.Read(ctx, scope, name, text)
	if err != nil {
		return nil, err
	}
	return draft.Rule, nil
}

// Read is Check for a text that is being written: beside an error of the text it gives what is known so far.
func (s *Service) Read(ctx context.Context, scope access.Scope, name, text string) (alertrules.Draft, error) {
	if len(text) > ruleTextMax {
		return alertrules.Draft{}, fault.Field(fault.TooLarge, "body.yaml", "a rule has at most %d KiB", ruleTextMax>>10)
	}
	sources, err := s.Sources(ctx, scope.Tenant)
	if err != nil {
		return alertrules.Draft{}, err
	}
	draft, err := alertrules.Read(name+".yaml", []byte(text), s.Compiler, sources)
	if err != nil {
		return draft, fault.Field(fault.Invalid, "body.yaml", "%v", err)
	}
	// Whoever writes a rule reads what it looks at: by its messages, by whether it fires.
	if class := draft.Rule.Class; !scope.MayRead(class) {
		return draft, fault.Field(fault.Forbidden, "body.yaml", "the rule looks at columns of class %s, which your role may not read", class)
	}
	return draft, nil
}

// PutRule stores a rule of the scope's tenant.
func (s *Service) PutRule(ctx context.Context, scope access.Scope, name, text string) (Effective, error) {
	r, err := s.Check(ctx, scope, name, text)
	if err != nil {
		return Effective{}, err
	}
	if r.ID != name {
		return Effective{}, fault.Field(fault.Invalid, "body.yaml", "the text is of rule %q, the address of %q", r.ID, name)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if n, err := countRules(ctx, tx, name); err != nil || n >= rulesMax {
			return errors.Join(err, fault.New(fault.Conflict, "a tenant has at most %d rules of its own", rulesMax))
		}
		if err := putRule(ctx, tx, name, text); err != nil {
			return err
		}
		return s.changed(ctx, tx, audit.Entry{Action: "rules.put", Object: "rule:" + name, Detail: map[string]any{"version": r.Version, "severity": r.Severity, "on": string(r.On)}})
	})
	if err != nil {
		return Effective{}, err
	}
	return s.Rule(ctx, scope, name)
}

// DeleteRule deletes a rule of the scope's tenant. One of the same name that it hid is seen again.
func (s *Service) DeleteRule(ctx context.Context, scope access.Scope, name string) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := deleteRule(ctx, tx, name); err != nil {
			return err
		}
		return s.changed(ctx, tx, audit.Entry{Action: "rules.delete", Object: "rule:" + name})
	})
}

// PutSetting says something over a rule for the scope's tenant and those below that do not say otherwise.
func (s *Service) PutSetting(ctx context.Context, scope access.Scope, id string, set Setting) (Effective, error) {
	e, err := s.Rule(ctx, scope, id)
	if err != nil {
		return Effective{}, err
	}
	if e.Broken != nil {
		return Effective{}, fault.New(fault.Conflict, "the rule does not work: %v", e.Broken)
	}
	if _, err := e.Rule.Params.With(set.Params); err != nil {
		return Effective{}, fault.Field(fault.Invalid, "body.params", "%v", err)
	}
	for _, name := range set.Notify {
		if !alertrules.IsID(name) {
			return Effective{}, fault.Field(fault.Invalid, "body.notify", "a channel's name has lower-case letters, digits, . and -")
		}
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := putSetting(ctx, tx, id, set); err != nil {
			return err
		}
		return s.changed(ctx, tx, audit.Entry{Action: "rules.set", Object: "rule:" + id, Detail: map[string]any{"enabled": set.Enabled, "threshold": set.Threshold, "params": set.Params, "notify": set.Notify}})
	})
	if err != nil {
		return Effective{}, err
	}
	return s.Rule(ctx, scope, id)
}

// changed records a change of the rules, and has every tenant that it holds for judged anew, by a job each.
func (s *Service) changed(ctx context.Context, tx *postgres.Tx, entry audit.Entry) error {
	if err := audit.Record(ctx, tx, entry); err != nil {
		return err
	}
	if err := s.Jobs.Put(ctx, tx, settleArgs{Tenant: tx.Scope.Tenant, Below: true}, jobs.Options{}); err != nil {
		return err
	}
	tx.AfterCommit(s.known.forget)
	return nil
}

// Windows gives the windows that hold for the scope's tenants.
func (s *Service) Windows(ctx context.Context, scope access.Scope) (out []Window, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out, err = listWindows(ctx, tx)
		return err
	})
	return out, err
}

// AddWindow stores a window of the scope's tenant; it holds for the tenants below too.
func (s *Service) AddWindow(ctx context.Context, scope access.Scope, w Window) (Window, error) {
	if err := w.validate(); err != nil {
		return w, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return w, fmt.Errorf("make window id: %w", err)
	}
	w.ID = id
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := addWindow(ctx, tx, w); err != nil {
			return err
		}
		tx.AfterCommit(s.known.forget)
		return audit.Record(ctx, tx, audit.Entry{Action: "alert_windows.create", Object: "alert_window:" + id.String(), Detail: map[string]any{"name": w.Name, "kind": w.Kind, "starts_at": w.StartsAt, "ends_at": w.EndsAt, "days": w.Days}})
	})
	return w, err
}

// DeleteWindow ends a window.
func (s *Service) DeleteWindow(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := deleteWindow(ctx, tx, id); err != nil {
			return err
		}
		tx.AfterCommit(s.known.forget)
		return audit.Record(ctx, tx, audit.Entry{Action: "alert_windows.delete", Object: "alert_window:" + id.String()})
	})
}
