package notify

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/outbound"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/tables"
)

const (
	pathAge     = 10 * time.Second // how long the channels of a tenant's path are taken for current
	hourMost    = 300              // notices of one tenant to one channel within an hour
	attempts    = 12
	rotateGrace = 24 * time.Hour // that a webhook's old key signs beside the new one
	keepFor     = 180 * 24 * time.Hour
	channelsMax = 100
)

// Sealer keeps secrets. *pki.Sealer is one.
type Sealer interface {
	Seal(secret []byte, p pki.Place) (string, error)
	Open(text string, p pki.Place) ([]byte, error)
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB      *postgres.DB
	Jobs    *jobs.Runner
	Guard   *outbound.Guard
	Mail    Mailer
	Sealer  Sealer
	Console string // address of the console, for links; "" for none
	// Base replaces a service's own address, for installations that go through a relay of theirs.
	Base map[Kind]string
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger
}

// Service keeps channels and tells them of alerts. It is an alerts.Notifier. Safe for concurrent use.
type Service struct {
	Config
	send sender
	mu   sync.Mutex
	path map[int32]onPath
}

// onPath is what a tenant's notices go by: the channels of the tenants above it, and its plan.
type onPath struct {
	at       time.Time
	channels []*Channel // the nearest of each name
	tier     access.Tier
	public   uuid.UUID
	name     string
}

// New makes a Service, and registers its jobs.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{Config: c, path: map[int32]onPath{}, send: sender{guard: c.Guard, mail: c.Mail, base: c.Base, now: c.Now}}
	jobs.Handle(c.Jobs, s.deliver)
	c.Jobs.Every(6*time.Hour, "notifications-forget", s.forgetOld)
	return s
}

const sqlPath = `SELECT path, plan, public_id, name FROM tenants WHERE id = $1`

// hold gives what a tenant's notices go by.
func (s *Service) hold(ctx context.Context, tenant int32) (onPath, error) {
	s.mu.Lock()
	h, ok := s.path[tenant]
	s.mu.Unlock()
	if ok && s.Now().Sub(h.at) < pathAge {
		return h, nil
	}
	h = onPath{at: s.Now()}
	var ids []int32
	err := s.DB.InScope(ctx, access.System(tenant, "notify"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, sqlPath, tenant).Scan(&ids, &h.tier, &h.public, &h.name)
	})
	if err != nil {
		return h, fmt.Errorf("read path of tenant %d: %w", tenant, err)
	}
	slices.Reverse(ids)
	var all []*Channel
	err = s.DB.InTenants(ctx, ids, access.Actor{Kind: access.KindSystem, Name: "notify"}, func(ctx context.Context, tx *postgres.Tx) (err error) {
		all, err = listChannels(ctx, tx, ids)
		return err
	})
	if err != nil {
		return h, err
	}
	nearest := map[string]*Channel{}
	for _, c := range all {
		if other := nearest[c.Name]; other == nil || slices.Index(ids, c.tenant) < slices.Index(ids, other.tenant) {
			nearest[c.Name] = c
		}
	}
	for _, c := range nearest {
		h.channels = append(h.channels, c)
	}
	slices.SortFunc(h.channels, func(a, b *Channel) int { return strings.Compare(a.Name, b.Name) })
	s.mu.Lock()
	if len(s.path) >= 10_000 {
		clear(s.path)
	}
	s.path[tenant] = h
	s.mu.Unlock()
	return h, nil
}

func (s *Service) forgetPaths() {
	s.mu.Lock()
	clear(s.path)
	s.mu.Unlock()
}

// Notify is part of alerts.Notifier.
func (s *Service) Notify(ctx context.Context, tx *postgres.Tx, n alerts.Notification) ([]string, error) {
	h, err := s.hold(ctx, tx.Scope.Tenant)
	if err != nil {
		return nil, err
	}
	a := n.Alert
	message := Message{
		Type: "alert." + string(n.Notice), At: tx.Now, TenantID: h.public, Tenant: h.name, AlertID: &a.ID, Rule: a.Rule, Title: a.Title, Text: a.Message,
		Severity: a.Severity.String(), State: string(a.State), Members: a.Members, Hostnames: append([]string{}, n.Hostnames...), Labels: a.Labels,
	}
	if s.Console != "" {
		message.Link = s.Console + "/t/" + h.public.String() + "/alerts/" + a.ID.String()
	}
	if err := s.put(ctx, tx, h, nil, message, n, a.Class); err != nil {
		return nil, err
	}
	var told []string
	for _, c := range h.channels {
		named := slices.Contains(n.Channels, c.Name)
		if !c.Enabled || a.Severity < c.Severity && !named || !named && (!c.AllAlerts || n.Notice == alerts.NoticeEscalated) {
			continue
		}
		if err := s.put(ctx, tx, h, c, message.shownTo(c, a.Class), n, min(a.Class, c.Class)); err != nil {
			return nil, err
		}
		told = append(told, c.Name)
	}
	for _, name := range n.Channels {
		if !slices.ContainsFunc(h.channels, func(c *Channel) bool { return c.Name == name }) {
			s.Log.WarnContext(ctx, "a rule names a channel that there is not", "tenant_id", h.public, "rule", a.Rule, "channel", name)
			told = append(told, name+" (no such channel)")
		}
	}
	return told, nil
}

// shownTo takes out what may not be sent to a channel.
func (m Message) shownTo(c *Channel, class tables.Class) Message {
	if class <= c.Class {
		return m
	}
	m.Text = "The console shows the details: they are of class " + class.String() + ", which is not sent to this channel."
	labels := map[string]string{}
	for name, value := range m.Labels {
		if strings.HasPrefix(name, "agent.") {
			labels[name] = value
		}
	}
	m.Labels = labels
	return m
}

// put stores a notice for a channel, nil for the console, and the job that sends it.
func (s *Service) put(ctx context.Context, tx *postgres.Tx, h onPath, c *Channel, m Message, n alerts.Notification, class tables.Class) error {
	kept, err := newNotification(m, c, class)
	if err != nil {
		return err
	}
	kept.Notice, kept.Severity = n.Notice, n.Alert.Severity
	if c == nil {
		kept.Status, kept.SentAt = Sent, &tx.Now
		return add(ctx, tx, kept)
	}
	count, err := recent(ctx, tx, c.ID, tx.Now.Add(-time.Hour))
	if err != nil {
		return err
	}
	switch {
	case !h.tier.Has(c.Kind.Feature()):
		kept.Status, kept.Reason = Suppressed, fmt.Sprintf("the plan %s does not have %s", h.tier, c.Kind.Feature())
	case count >= hourMost:
		kept.Status, kept.Reason = Suppressed, fmt.Sprintf("the channel got %d notices within an hour", hourMost)
	}
	return s.queue(ctx, tx, kept)
}

// queue stores a notice, and the job that sends it unless it is kept back.
func (s *Service) queue(ctx context.Context, tx *postgres.Tx, n *Notification) error {
	if err := add(ctx, tx, n); err != nil || n.Status != Queued {
		return err
	}
	return s.Jobs.Put(ctx, tx, deliverArgs{tx.Scope.Tenant, n.ID}, jobs.Options{Attempts: attempts})
}

// newNotification writes a message by the templates of a channel, nil for the console.
func newNotification(m Message, c *Channel, class tables.Class) (*Notification, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make notification id: %w", err)
	}
	m.ID = id
	n := &Notification{ID: id, AlertID: m.AlertID, Rule: m.Rule, Class: class, Kind: InApp, Status: Queued, MessageID: id.String()}
	subject, body := "", ""
	if c != nil {
		n.ChannelTenant, n.ChannelID, n.Channel, n.Kind = &c.tenant, &c.ID, c.Name, c.Kind
		subject, body = c.Subject, c.Body
	}
	if err := render(&m, subject, body); err != nil {
		return nil, fmt.Errorf("write notification: %w", err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode notification: %w", err)
	}
	sum := sha256.Sum256(text)
	n.Subject, n.Body, n.BodySHA256 = m.Subject, string(text), sum[:]
	return n, nil
}

// deliverArgs names a notice to be sent.
type deliverArgs struct {
	Tenant int32     `json:"tenant"`
	ID     uuid.UUID `json:"id"`
}

// Kind is part of jobs.Args.
func (deliverArgs) Kind() string { return "notify" }

// JobTenant is part of jobs.Args.
func (a deliverArgs) JobTenant() int32 { return a.Tenant }

// deliver makes one attempt to send a notice. A server that dies after sending and before saying so sends again: the
// receiver knows the notice by its id.
func (s *Service) deliver(ctx context.Context, scope access.Scope, args deliverArgs, attempt jobs.Attempt) error {
	var n *Notification
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		n, err = find(ctx, tx, args.ID)
		return err
	})
	if fault.CodeOf(err) == fault.NotFound {
		return jobs.GiveUp(err)
	}
	if err != nil {
		return err
	}
	if n.Status != Queued && n.Status != Retrying {
		return nil // sent before the server that sent it could say so to the queue
	}
	d := delivery{message: &Message{}}
	if err := json.Unmarshal([]byte(n.Body), d.message); err != nil {
		return jobs.GiveUp(fmt.Errorf("read notification: %w", err))
	}
	r, failure := result{}, error(nil)
	d.channel, d.secrets, failure = s.openChannel(ctx, n)
	if failure == nil {
		r, failure = s.send.send(ctx, d)
	}
	if ctx.Err() != nil && failure != nil {
		return ctx.Err() // the server stops: another attempt is made
	}
	status, reason := Sent, ""
	var permanent *permanentError
	switch {
	case failure == nil:
	case errors.As(failure, &permanent), attempt.Last:
		status, reason = Dead, failure.Error()
	default:
		status, reason = Retrying, failure.Error()
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		return attempted(ctx, tx, n.ID, status, reason, attempt.Number-1, r)
	})
	switch {
	case err != nil:
		return err
	case status == Dead:
		return jobs.GiveUp(failure)
	case status == Retrying && r.after > jobs.Backoff(attempt.Number):
		return jobs.Later(r.after)
	}
	return failure
}

// openChannel gives a notice's channel as it is now, with its secrets.
func (s *Service) openChannel(ctx context.Context, n *Notification) (c *Channel, secrets []string, err error) {
	if n.ChannelID == nil || n.ChannelTenant == nil {
		return nil, nil, &permanentError{"the notice has no channel"}
	}
	err = s.DB.InScope(ctx, access.System(*n.ChannelTenant, "notify"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		c, err = findChannel(ctx, tx, *n.ChannelID)
		return err
	})
	if fault.CodeOf(err) == fault.NotFound {
		return nil, nil, &permanentError{"the channel was deleted"}
	}
	if err != nil {
		return nil, nil, err
	}
	if !c.Enabled {
		return nil, nil, &permanentError{"the channel is switched off"}
	}
	sealed := []struct{ text, column string }{{c.secret, "secret"}}
	if c.old != "" && c.oldUntil != nil && c.oldUntil.After(s.Now()) {
		sealed = append(sealed, struct{ text, column string }{c.old, "old_secret"})
	}
	for _, secret := range sealed {
		if secret.text == "" {
			continue
		}
		opened, err := s.Sealer.Open(secret.text, placeOf(c.tenant, secret.column, c.ID))
		if err != nil {
			return nil, nil, err
		}
		secrets = append(secrets, string(opened))
	}
	return c, secrets, nil
}

func placeOf(tenant int32, column string, id uuid.UUID) pki.Place {
	return pki.Place{Tenant: tenant, Table: "channels", Column: column, Row: id.String()}
}

// Draft is what a person says of a channel. A secret that is empty keeps the one that is stored.
type Draft struct {
	Channel
	Secret string
}

// validate checks a draft. The secret is that which will hold.
func (s *Service) validate(d *Draft, hasSecret bool) error {
	if !alertrules.IsID(d.Name) {
		return fault.Field(fault.Invalid, "body.name", "a channel's name has lower-case letters, digits, . and -, at most 64")
	}
	if _, err := parseTemplate(d.Subject); err != nil {
		return fault.Field(fault.Invalid, "body.subject", "%v", err)
	}
	if _, err := parseTemplate(d.Body); err != nil {
		return fault.Field(fault.Invalid, "body.body", "%v", err)
	}
	need := func(ok bool, field, format string, args ...any) error {
		if ok {
			return nil
		}
		return fault.Field(fault.Invalid, "body."+field, format, args...)
	}
	set := d.Config
	bare := func(keep Settings) error {
		a, _ := json.Marshal(set)
		b, _ := json.Marshal(keep)
		return need(string(a) == string(b), "config", "a channel of kind %s has no such setting", d.Kind)
	}
	var err error
	switch d.Kind {
	case Email:
		err = errors.Join(bare(Settings{To: set.To}), need(len(set.To) > 0 && len(set.To) <= 50, "config.to", "name 1 to 50 addresses"), need(d.Secret == "", "secret", "mail goes by the installation's server and has no secret here"))
		for _, to := range set.To {
			err = errors.Join(err, need(mail.ValidAddress(to), "config.to", "%q is no e-mail address", oneLine(to, 100)))
		}
	case Webhook:
		_, wrong := s.Guard.CheckURL(set.URL)
		err = errors.Join(bare(Settings{URL: set.URL}), need(wrong == nil, "config.url", "%v", wrong))
		if d.Secret != "" {
			key, wrong := base64.StdEncoding.DecodeString(strings.TrimPrefix(d.Secret, keyPrefix))
			err = errors.Join(err, need(wrong == nil && strings.HasPrefix(d.Secret, keyPrefix) && len(key) >= 24 && len(key) <= 64, "secret", "a signing key is whsec_ and 24 to 64 bytes in base64; leave it out to have one made"))
		}
		hasSecret = true // one is made
	case Slack, Teams, Discord:
		err = bare(Settings{})
		if d.Secret != "" {
			u, wrong := s.Guard.CheckURL(d.Secret)
			err = errors.Join(err, need(wrong == nil && u.Scheme == "https" && u.Port() == "" && ofService(d.Kind, u), "secret", "write the address that %s gave for its incoming webhook", d.Kind))
		}
	case Telegram:
		err = errors.Join(bare(Settings{ChatID: set.ChatID}), need(set.ChatID != "" && len(set.ChatID) <= 100 && oneLine(set.ChatID, 100) == set.ChatID, "config.chat_id", "name the chat"),
			need(len(d.Secret) <= 200 && !strings.ContainsAny(d.Secret, "/?#% \r\n"), "secret", "write the bot's token"))
	case PagerDuty:
		err = errors.Join(bare(Settings{}), need(len(d.Secret) <= 100, "secret", "write the integration's routing key"))
	case Opsgenie:
		err = errors.Join(bare(Settings{Region: set.Region}), need(set.Region == "" || set.Region == "us" || set.Region == "eu", "config.region", "region is us or eu"), need(len(d.Secret) <= 200 && oneLine(d.Secret, 200) == d.Secret, "secret", "write the integration's API key"))
	case Jira:
		_, wrong := s.Guard.CheckURL(set.URL)
		err = errors.Join(need(wrong == nil, "config.url", "%v", wrong), bare(Settings{URL: set.URL, Project: set.Project, IssueType: set.IssueType, User: set.User}),
			need(projectKey(set.Project), "config.project", "write the project's key, such as OPS"), need(set.IssueType != "" && len(set.IssueType) <= 100, "config.issue_type", "name the type of issue, such as Task"),
			need(mail.ValidAddress(set.User), "config.user", "write the e-mail address whose token is used"), need(len(d.Secret) <= 1000 && oneLine(d.Secret, 1000) == d.Secret, "secret", "write the API token"))
	default:
		return fault.Field(fault.Invalid, "body.kind", "kind is email, webhook, slack, teams, discord, telegram, pagerduty, opsgenie or jira")
	}
	if err != nil {
		var first *fault.Error
		errors.As(err, &first)
		return first
	}
	return need(hasSecret || d.Secret != "" || d.Kind == Email, "secret", "a channel of kind %s needs its secret", d.Kind)
}

func ofService(k Kind, u *url.URL) bool {
	return slices.ContainsFunc(serviceHosts[k], func(host string) bool {
		if strings.HasPrefix(host, ".") {
			return strings.HasSuffix(u.Hostname(), host)
		}
		return u.Hostname() == host
	})
}

func projectKey(key string) bool {
	return key != "" && len(key) <= 50 && !strings.ContainsFunc(key, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}

// newKey makes a signing key.
func newKey() string {
	key := make([]byte, 32)
	rand.Read(key)
	return keyPrefix + base64.StdEncoding.EncodeToString(key)
}

// CreateChannel stores a channel of the scope's tenant. The key is that of a webhook, where one was made; it is shown once.
func (s *Service) CreateChannel(ctx context.Context, scope access.Scope, d Draft) (c *Channel, key string, err error) {
	if err := s.validate(&d, false); err != nil {
		return nil, "", err
	}
	if !scope.Tier.Has(d.Kind.Feature()) {
		return nil, "", fault.New(fault.TierRequired, "the plan %s does not have channels of kind %s; %s has them", scope.Tier, d.Kind, d.Kind.Feature().Tier())
	}
	if !scope.MayRead(d.Class) {
		return nil, "", fault.Field(fault.Forbidden, "body.class", "sending class %s needs the right to read it", d.Class)
	}
	if d.ID, err = uuid.NewV7(); err != nil {
		return nil, "", fmt.Errorf("make channel id: %w", err)
	}
	if d.Kind == Webhook && d.Secret == "" {
		key = newKey()
		d.Secret = key
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		all, err := listChannels(ctx, tx, []int32{tx.Scope.Tenant})
		if err != nil {
			return err
		}
		if len(all) >= channelsMax {
			return fault.New(fault.Conflict, "a tenant has at most %d channels", channelsMax)
		}
		c = &d.Channel
		return s.store(ctx, tx, c, d.Secret, "channels.create")
	})
	return c, key, err
}

// store writes a channel with a new secret, "" to keep the one that it has.
func (s *Service) store(ctx context.Context, tx *postgres.Tx, c *Channel, secret, action string) error {
	c.tenant = tx.Scope.Tenant
	if secret != "" {
		sealed, err := s.Sealer.Seal([]byte(secret), placeOf(c.tenant, "secret", c.ID))
		if err != nil {
			return err
		}
		c.secret, c.Hint, c.SecretAt = sealed, hint(secret), &tx.Now
	}
	if err := putChannel(ctx, tx, c); err != nil {
		return err
	}
	tx.AfterCommit(s.forgetPaths)
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "channel:" + c.ID.String(), Detail: map[string]any{
		"name": c.Name, "kind": c.Kind, "enabled": c.Enabled, "all_alerts": c.AllAlerts, "min_severity": c.Severity.String(), "class": c.Class.String(), "secret_changed": secret != "",
	}})
}

// UpdateChannel stores what is different. The kind stays. A secret goes where it was given for: a webhook's or Jira's address
// is changed together with it.
func (s *Service) UpdateChannel(ctx context.Context, scope access.Scope, id uuid.UUID, d Draft) (c *Channel, err error) {
	if !scope.MayRead(d.Class) {
		return nil, fault.Field(fault.Forbidden, "body.class", "sending class %s needs the right to read it", d.Class)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		was, err := findChannel(ctx, tx, id)
		if err != nil {
			return err
		}
		next := d
		if next.Kind != was.Kind {
			return fault.Field(fault.Invalid, "body.kind", "a channel keeps its kind: make another one")
		}
		if err := s.validate(&next, was.secret != ""); err != nil {
			return err
		}
		if next.Kind == Jira && next.Secret == "" && (next.Config.URL != was.Config.URL || next.Config.User != was.Config.User) {
			return fault.Field(fault.Invalid, "body.secret", "the token is for the address and user that it was given for: give it again with another")
		}
		next.ID, next.secret, next.Hint, next.SecretAt, next.old, next.oldUntil = was.ID, was.secret, was.Hint, was.SecretAt, was.old, was.oldUntil
		c = &next.Channel
		return s.store(ctx, tx, c, next.Secret, "channels.put")
	})
	return c, err
}

// RotateKey makes a new signing key for a webhook. The old one signs beside it for a day.
func (s *Service) RotateKey(ctx context.Context, scope access.Scope, id uuid.UUID) (c *Channel, key string, err error) {
	key = newKey()
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		was, err := findChannel(ctx, tx, id)
		if err != nil {
			return err
		}
		if was.Kind != Webhook {
			return fault.New(fault.Conflict, "only webhooks have a key of ours; give another secret to a channel of kind %s", was.Kind)
		}
		old, err := s.Sealer.Open(was.secret, placeOf(was.tenant, "secret", was.ID))
		if err != nil {
			return err
		}
		if was.old, err = s.Sealer.Seal(old, placeOf(was.tenant, "old_secret", was.ID)); err != nil {
			return err
		}
		until := s.Now().Add(rotateGrace)
		was.oldUntil = &until
		c = was
		return s.store(ctx, tx, c, key, "channels.rotate")
	})
	return c, key, err
}

// DeleteChannel deletes a channel with its secret. Notices that wait for it are given up.
func (s *Service) DeleteChannel(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := deleteChannel(ctx, tx, id); err != nil {
			return err
		}
		tx.AfterCommit(s.forgetPaths)
		return audit.Record(ctx, tx, audit.Entry{Action: "channels.delete", Object: "channel:" + id.String()})
	})
}

// Channels gives the channels of the scope's tenants.
func (s *Service) Channels(ctx context.Context, scope access.Scope) (out []*Channel, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out, err = listChannels(ctx, tx, tx.Scope.Visible)
		return err
	})
	return out, err
}

// Test sends a channel a notice that says that it is a test, by the same way as all.
func (s *Service) Test(ctx context.Context, scope access.Scope, id uuid.UUID) (n *Notification, err error) {
	h, err := s.hold(ctx, scope.Tenant)
	if err != nil {
		return nil, err
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		c, err := findChannel(ctx, tx, id)
		if err != nil {
			return err
		}
		if !h.tier.Has(c.Kind.Feature()) {
			return fault.New(fault.TierRequired, "the plan %s does not have channels of kind %s; %s has them", h.tier, c.Kind, c.Kind.Feature().Tier())
		}
		m := Message{Type: "test", At: tx.Now, TenantID: h.public, Tenant: h.name, Rule: "test", Title: "This is a test", Text: "The channel " + c.Name + " works.", Severity: "low", State: "open",
			Hostnames: []string{}, Labels: map[string]string{}, Link: s.Console}
		if n, err = newNotification(m, c, tables.ClassInventory); err != nil {
			return err
		}
		n.Notice, n.Severity = "test", findings.Low
		if err := s.queue(ctx, tx, n); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "channels.test", Object: "channel:" + id.String()})
	})
	return n, err
}

// Replay sends a notice again, as a notice of its own with what it said.
func (s *Service) Replay(ctx context.Context, scope access.Scope, id uuid.UUID) (n *Notification, err error) {
	err = s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		was, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		if was.ChannelID == nil || was.Status == Queued || was.Status == Retrying {
			return fault.New(fault.Conflict, "a notice that was sent, given up or kept back can be sent again; this one is %s", was.Status)
		}
		again := *was
		if again.ID, err = uuid.NewV7(); err != nil {
			return fmt.Errorf("make notification id: %w", err)
		}
		again.Status, again.Reason, again.MessageID, again.ReplayOf, again.SentAt = Queued, "", again.ID.String(), &was.ID, nil
		var m Message
		if err := json.Unmarshal([]byte(was.Body), &m); err != nil {
			return fmt.Errorf("read notification: %w", err)
		}
		m.ID = again.ID // receivers drop what they know
		text, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("encode notification: %w", err)
		}
		sum := sha256.Sum256(text)
		again.Body, again.BodySHA256 = string(text), sum[:]
		n = &again
		if err := s.queue(ctx, tx, n); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "notifications.replay", Object: "notification:" + id.String(), Detail: map[string]any{"channel": was.Channel}})
	})
	return n, err
}

// List gives notices that the scope sees, the youngest first, those before an id.
func (s *Service) List(ctx context.Context, scope access.Scope, f Filter, before uuid.UUID, limit int) (out []*Notification, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out, err = list(ctx, tx, f, before, limit)
		return err
	})
	for _, n := range out {
		n.maskFor(scope)
	}
	return out, err
}

// Get gives a notice, or fault.NotFound.
func (s *Service) Get(ctx context.Context, scope access.Scope, id uuid.UUID) (n *Notification, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		n, err = find(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	n.maskFor(scope)
	return n, nil
}

// maskFor takes out what the scope may not read.
func (n *Notification) maskFor(scope access.Scope) {
	if scope.MayRead(n.Class) {
		return
	}
	n.Subject, n.Body = findings.Hidden(n.Class), ""
}

// Inbox gives the console's notices, and how many of them the actor has not read.
func (s *Service) Inbox(ctx context.Context, scope access.Scope, before uuid.UUID, limit int) (out []*Notification, mark uuid.UUID, n int, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if out, err = inbox(ctx, tx, before, limit); err != nil {
			return err
		}
		mark, n, err = unread(ctx, tx)
		return err
	})
	for _, notice := range out {
		notice.maskFor(scope)
	}
	return out, mark, n, err
}

// MarkRead says that the actor has read the console's notices up to one.
func (s *Service) MarkRead(ctx context.Context, scope access.Scope, to uuid.UUID) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		return markRead(ctx, tx, to)
	})
}

// forgetOld deletes notices that are older than they are kept.
func (s *Service) forgetOld(ctx context.Context) error {
	tenants, err := s.DB.Subtree(ctx, postgres.RootTenant)
	if err != nil {
		return err
	}
	for _, tenant := range tenants {
		for more := true; more; {
			err := s.DB.InScope(ctx, access.System(tenant, "notify"), func(ctx context.Context, tx *postgres.Tx) error {
				n, err := forget(ctx, tx, tx.Now.Add(-keepFor))
				more = n == 5000
				return err
			})
			if err != nil {
				return fmt.Errorf("tenant %d: %w", tenant, err)
			}
		}
	}
	return nil
}
