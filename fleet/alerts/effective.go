package alerts

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/packs/alertrules"
)

const (
	effectiveAge = 10 * time.Second // how long a tenant's rules are taken for current without asking
	effectiveMax = 10_000           // tenants kept
	parsedMax    = 5_000            // texts kept compiled
)

// known keeps what was read and compiled. Safe for concurrent use.
type known struct {
	mu        sync.Mutex
	effective map[int32]held
	parsed    map[[32]byte]*alertrules.Rule
}

// held is a tenant's rules as they were at a time.
type held struct {
	at      time.Time
	rules   []Effective
	windows []Window
	on      bool // the tenant's tier has alerts
}

// forget has the rules of all tenants read anew.
func (k *known) forget() {
	k.mu.Lock()
	k.effective = map[int32]held{}
	k.mu.Unlock()
}

// hold gives the rules and windows that hold for a tenant.
func (s *Service) hold(ctx context.Context, tenant int32) (held, error) {
	s.known.mu.Lock()
	h, ok := s.known.effective[tenant]
	s.known.mu.Unlock()
	if ok && s.now().Sub(h.at) < effectiveAge {
		return h, nil
	}
	read := s.now()
	said, err := s.load(ctx, tenant)
	if err != nil {
		return held{}, err
	}
	sources, err := s.Sources(ctx, tenant)
	if err != nil {
		return held{}, err
	}
	h = held{at: read, rules: s.resolve(said, sources), windows: said.windows, on: said.tier.Has(access.Alerts)}
	s.known.mu.Lock()
	if len(s.known.effective) >= effectiveMax {
		clear(s.known.effective)
	}
	s.known.effective[tenant] = h
	s.known.mu.Unlock()
	return h, nil
}

// resolve says which rules there are, sorted by id: the nearest text of each name, and the nearest word on each setting.
func (s *Service) resolve(said said, sources alertrules.Sources) []Effective {
	byID := map[string]Effective{}
	for _, r := range said.rules {
		if _, nearer := byID[r.name]; nearer {
			continue
		}
		e := Effective{ID: r.name, Text: r.text, Owner: said.publics[r.tenant], Own: r.tenant == said.tenant}
		e.Rule, e.Broken = s.parse(r.name, r.text, sources)
		byID[r.name] = e
	}
	for _, r := range s.Library {
		if _, hidden := byID[r.ID]; !hidden {
			byID[r.ID] = Effective{Rule: r, ID: r.ID, Text: r.Text}
		}
	}
	out := make([]Effective, 0, len(byID))
	for _, e := range byID {
		out = append(out, e.with(said.settings))
	}
	slices.SortFunc(out, func(a, b Effective) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// with lays settings over a rule; the nearest that says something counts.
func (e Effective) with(settings []saidSetting) Effective {
	var enabled *bool
	for _, set := range settings {
		if set.rule != e.ID {
			continue
		}
		if enabled == nil {
			enabled = set.Enabled
		}
		if e.Threshold == nil {
			e.Threshold = set.Threshold
		}
		if e.Params == nil {
			e.Params = set.Params
		}
		if e.Notify == nil {
			e.Notify = set.Notify
		}
	}
	if e.Rule == nil {
		return e // it does not work, and is off
	}
	e.Enabled = e.Rule.Enabled
	if enabled != nil {
		e.Enabled = *enabled
	}
	if e.Notify == nil {
		e.Notify = e.Rule.Notify
	}
	return e
}

// parse compiles a text, or gives it as it was compiled before, if its collections are still the same.
func (s *Service) parse(name, text string, sources alertrules.Sources) (*alertrules.Rule, error) {
	key := sha256.Sum256([]byte(name + "\x00" + text))
	s.known.mu.Lock()
	r := s.known.parsed[key]
	s.known.mu.Unlock()
	if r != nil && r.Fits(sources) {
		return r, nil
	}
	r, err := alertrules.Parse(name+".yaml", []byte(text), s.Compiler, sources)
	if err != nil {
		return nil, err
	}
	s.known.mu.Lock()
	if len(s.known.parsed) >= parsedMax {
		clear(s.known.parsed)
	}
	s.known.parsed[key] = r
	s.known.mu.Unlock()
	return r, nil
}

// working gives the rules of a tenant that are judged on a trigger.
func (h held) working(on alertrules.Trigger) []Effective {
	if !h.on {
		return nil
	}
	var out []Effective
	for _, e := range h.rules {
		if e.Rule != nil && e.Enabled && e.On == on {
			out = append(out, e)
		}
	}
	return out
}

// find gives a rule of the tenant by its id; nil where there is none that works.
func (h held) find(id string) *Effective {
	for i := range h.rules {
		if h.rules[i].ID == id && h.rules[i].Rule != nil {
			return &h.rules[i]
		}
	}
	return nil
}

// policy is what the rule says about time.
func (e *Effective) policy() policy {
	if e == nil {
		return policy{}
	}
	p := policy{renotify: e.Renotify, resolveAfter: e.ResolveAfter}
	for _, s := range e.Escalate {
		p.escalate = append(p.escalate, s.After)
	}
	return p
}

// channels are those whom a notice goes to: the rule's, and those of the steps that were taken.
func (e *Effective) channels(a *Alert, n Notice) []string {
	if e == nil {
		return nil
	}
	var names []string
	if n != NoticeEscalated {
		names = append(names, e.Notify...)
	}
	for i, s := range e.Escalate {
		if n == NoticeEscalated && i == a.Escalation-1 || n == NoticeResolved && i < a.Escalation {
			names = append(names, s.Notify...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (e *Effective) source() (source string, from uuid.UUID) {
	switch {
	case e.Owner == uuid.Nil:
		return "product", uuid.Nil
	case e.Own:
		return "tenant", uuid.Nil
	default:
		return "inherited", e.Owner
	}
}

func (e *Effective) String() string { return fmt.Sprintf("rule %s", e.ID) }

// RuleCollections gives the collections of the rule that opened a finding of KindAlert; none where there is no such rule.
func (s *Service) RuleCollections(ctx context.Context, tenant int32, subject string) ([]string, error) {
	h, err := s.hold(ctx, tenant)
	if err != nil {
		return nil, err
	}
	id, _, _ := strings.Cut(subject, "/")
	if e := h.find(id); e != nil {
		return e.Collections, nil
	}
	return nil, nil
}
