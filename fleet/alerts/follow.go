package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/tables"
)

// Notification is what a Notifier is to tell of an alert.
type Notification struct {
	Alert     *Alert
	Notice    Notice
	Channels  []string // by name; those that take every alert are told as well
	Hostnames []string // of the agents that it is about
}

// Notifier tells people, after the transaction is stored.
type Notifier interface {
	// Notify keeps a notice to be sent, in the alert's own transaction, and gives the names of the channels that get it.
	Notify(ctx context.Context, tx *postgres.Tx, n Notification) ([]string, error)
}

// found is what a rule found on an agent.
type found struct {
	finding uuid.UUID
	agent   int32
	group   []string
	message string
}

// fire brings a finding into the alert of its group.
func (s *Service) fire(ctx context.Context, tx *postgres.Tx, h held, e *Effective, f found) error {
	severity, err := severityOf(e.Severity)
	if err != nil {
		return err
	}
	if err := tx.Lock(ctx, postgres.Alerting, tx.Scope.Tenant); err != nil {
		return err
	}
	key := keyOf(f.group)
	a, err := findByGroup(ctx, tx, e.ID, key)
	if err != nil {
		return err
	}
	if a == nil {
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("make alert id: %w", err)
		}
		a = &Alert{ID: id, Rule: e.ID, Key: key, Labels: map[string]string{}, State: Open, tenant: tx.Scope.Tenant, isNew: true, OpenedAt: tx.Now, StateAt: tx.Now}
	}
	for i, part := range e.GroupBy {
		a.Labels[part] = f.group[i]
	}
	a.RuleVersion, a.Title, a.Message, a.Severity, a.Class = e.Version, e.Title, f.message, severity, e.Class
	steps := a.fire(tx.Now, e.policy())
	if err := put(ctx, tx, a); err != nil { // members refer to it
		return err
	}
	if err := addMember(ctx, tx, a, f.finding, f.agent); err != nil {
		return err
	}
	return s.take(ctx, tx, h, e, a, steps)
}

// drop takes a finding that is no more out of the alerts that it is in.
func (s *Service) drop(ctx context.Context, tx *postgres.Tx, h held, finding uuid.UUID, reason string) error {
	if err := tx.Lock(ctx, postgres.Alerting, tx.Scope.Tenant); err != nil {
		return err
	}
	ids, err := dropMember(ctx, tx, finding)
	if err != nil {
		return err
	}
	for _, id := range ids {
		a, err := findByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := countMembers(ctx, tx, a); err != nil {
			return err
		}
		var steps []step
		if a.Members == 0 {
			steps = a.settle(tx.Now, reason)
		}
		if err := s.take(ctx, tx, h, h.find(a.Rule), a, steps); err != nil {
			return err
		}
	}
	return nil
}

// take writes what follows from a transition, and stores the alert. e is nil where the rule is no more.
func (s *Service) take(ctx context.Context, tx *postgres.Tx, h held, e *Effective, a *Alert, steps []step) error {
	for _, st := range steps {
		if err := addEvent(ctx, tx, a, st.event, st.reason); err != nil {
			return err
		}
		if st.notice == "" {
			continue
		}
		if err := s.tell(ctx, tx, h, e, a, st.notice); err != nil {
			return err
		}
	}
	if err := put(ctx, tx, a); err != nil {
		return err
	}
	if len(steps) > 0 {
		return s.announce(ctx, tx, a)
	}
	return nil
}

// tell has a notice sent, or says in the history why it is not.
func (s *Service) tell(ctx context.Context, tx *postgres.Tx, h held, e *Effective, a *Alert, n Notice) error {
	hostnames, tags, err := memberAgents(ctx, tx, a)
	if err != nil {
		return err
	}
	if w, until := kept(h.windows, a, tags, tx.Now); w != nil {
		reason := fmt.Sprintf("%s window %q until %s", w.Kind, w.Name, until.UTC().Format(time.RFC3339))
		if n == NoticeResolved {
			return addEvent(ctx, tx, a, "suppressed", reason)
		}
		a.Held, a.HeldUntil = n, at(until)
		return addEvent(ctx, tx, a, "held", reason+"; told then if it is still so")
	}
	told, err := s.Notifier.Notify(ctx, tx, Notification{a, n, e.channels(a, n), hostnames})
	if err != nil {
		return err
	}
	a.NotifiedAt = at(tx.Now)
	reason := "in the console"
	if len(told) > 0 {
		reason = string(n) + " to " + strings.Join(told, ", ")
	}
	return addEvent(ctx, tx, a, "notified", reason)
}

// announce tells consoles once the transaction is stored.
func (s *Service) announce(ctx context.Context, tx *postgres.Tx, a *Alert) error {
	tenant := a.TenantID
	if tenant == uuid.Nil {
		if err := tx.QueryRow(ctx, `SELECT public_id FROM tenants WHERE id = $1`, a.tenant).Scan(&tenant); err != nil {
			return fmt.Errorf("find tenant: %w", err)
		}
	}
	body, err := json.Marshal(struct {
		Type    string    `json:"type"`
		AlertID uuid.UUID `json:"alert_id"`
		State   State     `json:"state"`
		At      time.Time `json:"at"`
	}{"alert", a.ID, a.State, tx.Now})
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	id := a.ID
	tx.AfterCommit(func() { // best effort: consoles read the list again when they reconnect
		if err := s.Bus.Publish(context.Background(), tenant, bus.KindEvent, id.String(), body); err != nil {
			s.Log.Warn("an event was not published", "kind", bus.KindEvent, "err", err)
		}
	})
	return nil
}

// FindingChanged judges the rules on findings. It is findings.Config's Follow.
func (s *Service) FindingChanged(ctx context.Context, tx *postgres.Tx, c findings.Change) error {
	if c.Kind == kindRuleError {
		return nil
	}
	h, err := s.hold(ctx, tx.Scope.Tenant)
	if err != nil {
		return err
	}
	if c.State == findings.Resolved || c.State == findings.Waived {
		return s.drop(ctx, tx, h, c.ID, "the finding is "+string(c.State))
	}
	if c.Kind == KindAlert || !c.Opened {
		return nil // a rule's own finding is brought in by the rule
	}
	working := h.working(alertrules.OnFinding)
	if len(working) == 0 {
		return nil
	}
	agents, err := findAgents(ctx, tx, []int32{c.Agent})
	if err != nil {
		return err
	}
	agent, ok := agents[c.Agent]
	if !ok {
		return nil
	}
	row := []tables.Value{tables.TextValue(c.Kind), tables.TextValue(c.Subject), tables.TextValue(c.Title), tables.TextValue(c.Severity.String()), tables.TextValue(string(c.State))}
	in := alertrules.Input{Agent: agent, Tables: map[string]alertrules.Table{"finding": {Columns: alertrules.FindingColumns, Rows: [][]tables.Value{row}}}}
	on := &subject{id: c.Agent}
	for i := range working {
		e := &working[i]
		if !e.fits(agent) {
			continue
		}
		fired, err := s.evaluate(ctx, tx, e, on, in)
		if err != nil {
			return err
		}
		for _, f := range fired {
			if err := s.fire(ctx, tx, h, e, found{c.ID, c.Agent, f.Group, f.Message}); err != nil {
				return err
			}
		}
	}
	return nil
}
