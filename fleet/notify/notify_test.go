package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/mail/smtptest"
	"github.com/tenantra/tenantra/fleet/notify"
	"github.com/tenantra/tenantra/fleet/outbound"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// wrapper stands for the sealing of fleet/pki, which has its own tests.
type wrapper struct{}

func (wrapper) Seal(secret []byte, p pki.Place) (string, error) {
	return p.Column + p.Row + "." + base64.StdEncoding.EncodeToString(secret), nil
}

func (wrapper) Open(text string, p pki.Place) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, p.Column+p.Row+".")
	if !ok {
		return nil, errors.New("sealed for another place")
	}
	return base64.StdEncoding.DecodeString(rest)
}

// call is a request that a receiver got.
type call struct {
	method, path string
	header       http.Header
	body         string
}

// receiver is a real HTTP server that answers as told.
type receiver struct {
	*httptest.Server
	calls chan call
}

func newReceiver(t *testing.T, answer func(c call) (int, string)) *receiver {
	t.Helper()
	r := &receiver{calls: make(chan call, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		c := call{request.Method, request.URL.RequestURI(), request.Header, string(body)}
		status, text := answer(c)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
		r.calls <- c
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) next(t *testing.T) call {
	t.Helper()
	select {
	case c := <-r.calls:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("no request came")
		panic("unreachable")
	}
}

func well(call) (int, string) { return http.StatusOK, "{}" }

type fleet struct {
	t       *testing.T
	db      *postgres.DB
	admin   *pgx.Conn
	scope   access.Scope
	service *notify.Service
	jobs    *jobs.Runner
	mail    *mail.Service
	smtp    *smtptest.Server
}

// newFleet makes a service whose chat services all are at base; running says whether jobs run.
func newFleet(t *testing.T, base string, running bool) *fleet {
	t.Helper()
	f := &fleet{t: t}
	f.db, f.admin = pgtest.NewWithAdmin(t)
	f.scope = pgtest.Tenant(t, f.db, "acme")
	f.smtp = smtptest.New(t)
	f.mail = mail.New(f.db, wrapper{})
	if err := f.mail.Put(t.Context(), access.System(postgres.RootTenant, "test"), mail.Settings{Host: f.smtp.Host, Port: f.smtp.Port, Security: mail.None, FromAddress: "fleet@root.example"}); err != nil {
		t.Fatal(err)
	}
	f.start(base, running)
	return f
}

// start makes the service anew, as a server that starts does.
func (f *fleet) start(base string, running bool) (stop func()) {
	f.t.Helper()
	log := slog.New(slog.DiscardHandler)
	var err error
	if f.jobs, err = jobs.New(jobs.Config{DB: f.db, Poll: 100 * time.Millisecond, Rescue: time.Minute + time.Second, Log: log}); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(f.jobs.Close)
	guard := outbound.New(outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	f.t.Cleanup(guard.Close)
	bases := map[notify.Kind]string{}
	for _, kind := range []notify.Kind{notify.Slack, notify.Teams, notify.Discord, notify.Telegram, notify.PagerDuty, notify.Opsgenie} {
		bases[kind] = base
	}
	f.service = notify.New(notify.Config{DB: f.db, Jobs: f.jobs, Guard: guard, Mail: f.mail, Sealer: wrapper{}, Console: "https://fleet.example", Base: bases, Log: log})
	if err := f.jobs.Ready(); err != nil {
		f.t.Fatal(err)
	}
	if !running {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.jobs.Run(ctx) }()
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			f.t.Errorf("jobs ended with %v", err)
		}
	}
	f.t.Cleanup(stop)
	return stop
}

func (f *fleet) channel(kind notify.Kind, secret string, config notify.Settings) *notify.Channel {
	f.t.Helper()
	d := notify.Draft{Secret: secret, Channel: notify.Channel{Name: string(kind), Kind: kind, Config: config, Enabled: true, Severity: findings.Low}}
	c, _, err := f.service.CreateChannel(f.t.Context(), f.scope, d)
	if err != nil {
		f.t.Fatalf("%s: %v", kind, err)
	}
	return c
}

// alert tells of an alert that names the channels.
func (f *fleet) alert(notice alerts.Notice, class tables.Class, channels ...string) (told []string) {
	f.t.Helper()
	a := &alerts.Alert{ID: uuid.MustParse("01990000-0000-7000-8000-00000000000a"), Rule: "telnet", Title: "Telnet is open", Message: "telnetd on web-1", Severity: findings.High, State: alerts.Open,
		Class: class, Members: 1, Labels: map[string]string{"port": "23", "agent.hostname": "web-1"}}
	err := f.db.InScope(f.t.Context(), access.System(f.scope.Tenant, "alerts"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		told, err = f.service.Notify(ctx, tx, alerts.Notification{Alert: a, Notice: notice, Channels: channels, Hostnames: []string{"web-1"}})
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return told
}

// wait gives the only notice once its status is one of those.
func (f *fleet) wait(statuses ...notify.Status) *notify.Notification {
	f.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		found, err := f.service.List(f.t.Context(), f.scope, notify.Filter{}, uuid.Max, 10)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(found) > 0 && slices.Contains(statuses, found[0].Status) {
			return found[0]
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("not %v in time: %+v", statuses, found)
		}
	}
}

// hurry lets jobs that wait to be tried again run now.
func (f *fleet) hurry() {
	f.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		done, err := f.admin.Exec(context.Background(), `UPDATE jobs.river_job SET scheduled_at = now() WHERE kind = 'notify' AND state IN ('retryable', 'scheduled', 'available') AND scheduled_at > now()`)
		if err != nil {
			f.t.Fatal(err)
		}
		if done.RowsAffected() > 0 {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatal("no job waits to be tried again")
		}
	}
}

func TestWebhookIsSignedAndKeysRotate(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, well)
	f := newFleet(t, r.URL, true)
	d := notify.Draft{Channel: notify.Channel{Name: "hook", Kind: notify.Webhook, Config: notify.Settings{URL: r.URL + "/in"}, Enabled: true, Severity: findings.Low}}
	c, key, err := f.service.CreateChannel(t.Context(), f.scope, d)
	if err != nil || !strings.HasPrefix(key, "whsec_") {
		t.Fatal(key, err)
	}
	if told := f.alert(alerts.NoticeOpened, tables.ClassInventory, "hook", "none"); !slices.Equal(told, []string{"hook", "none (no such channel)"}) {
		t.Errorf("told %v", told)
	}
	got := r.next(t)
	verify(t, got, key)
	var m notify.Message
	if err := json.Unmarshal([]byte(got.body), &m); err != nil {
		t.Fatal(err)
	}
	if m.Type != "alert.opened" || m.Title != "Telnet is open" || m.Labels["port"] != "23" || m.ID.String() != got.header.Get("Webhook-Id") || m.TenantID != f.scope.TenantID || !strings.HasPrefix(m.Link, "https://fleet.example/t/") {
		t.Errorf("got %+v", m)
	}
	n := f.wait(notify.Sent)
	if n.WebhookStatus != 200 || n.RetryCount != 0 || n.MessageID != m.ID.String() || n.SentAt == nil || len(n.BodySHA256) != 32 {
		t.Errorf("kept %+v", n)
	}
	_, second, err := f.service.RotateKey(t.Context(), f.scope, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	f.alert(alerts.NoticeReminder, tables.ClassInventory, "hook")
	got = r.next(t)
	verify(t, got, key)
	verify(t, got, second)
	again, err := f.service.Replay(t.Context(), f.scope, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got = r.next(t); got.header.Get("Webhook-Id") != again.ID.String() || again.ID == n.ID || *again.ReplayOf != n.ID {
		t.Errorf("replay: %s, %+v", got.header.Get("Webhook-Id"), again)
	}
}

// verify checks one of the signatures as a receiver does.
func verify(t *testing.T, c call, key string) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(c.header.Get("Webhook-Id") + "." + c.header.Get("Webhook-Timestamp") + "." + c.body))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if !slices.Contains(strings.Fields(c.header.Get("Webhook-Signature")), want) {
		t.Errorf("signature %q is not of the key", c.header.Get("Webhook-Signature"))
	}
}

func TestMailComesInTextAndHTML(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "", true)
	f.channel(notify.Email, "", notify.Settings{To: []string{"ann@acme.example", "bob@acme.example"}})
	f.alert(alerts.NoticeOpened, tables.ClassInventory, "email")
	first, second := f.smtp.Next(t), f.smtp.Next(t)
	if first.To != "ann@acme.example" || second.To != "bob@acme.example" || first.Header.Get("Subject") != "[high] Telnet is open" {
		t.Errorf("%+v %+v", first, second)
	}
	if !strings.Contains(first.Header.Get("Content-Type"), "multipart/alternative") || !strings.Contains(first.Text, "telnetd on web-1") || !strings.Contains(first.Text, "<h1") {
		t.Errorf("%s\n%s", first.Header.Get("Content-Type"), first.Text)
	}
	if n := f.wait(notify.Sent); !strings.Contains(first.Header.Get("Message-Id"), n.ID.String()) {
		t.Errorf("message id %s of %s", first.Header.Get("Message-Id"), n.ID)
	}
}

func TestEachServiceGetsItsBody(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(c call) (int, string) {
		switch {
		case strings.Contains(c.path, "/search/jql"):
			return 200, `{"issues":[]}`
		case strings.Contains(c.path, "/rest/api/3/issue"):
			return 201, `{"key":"OPS-7"}`
		case strings.Contains(c.path, "sendMessage"):
			return 200, `{"ok":true,"result":{"message_id":42}}`
		}
		return 202, `{"dedup_key":"d","requestId":"r"}`
	})
	f := newFleet(t, r.URL, true)
	for _, c := range []struct {
		kind      notify.Kind
		secret    string
		config    notify.Settings
		path      string // of the last call
		calls     int
		body      string // a part
		header    string
		messageID string
	}{
		{notify.Slack, "https://hooks.slack.com/services/T/B/canary", notify.Settings{}, "/services/T/B/canary", 1, `"plain_text"`, "", ""},
		{notify.Teams, "https://acme.webhook.office.com/hook/canary", notify.Settings{}, "/hook/canary", 1, `"AdaptiveCard"`, "", ""},
		{notify.Discord, "https://discord.com/api/webhooks/1/canary", notify.Settings{}, "/api/webhooks/1/canary", 1, `"allowed_mentions"`, "", ""},
		{notify.Telegram, "123456:canary", notify.Settings{ChatID: "-100"}, "/bot123456:canary/sendMessage", 1, `"chat_id":"-100"`, "", "42"},
		{notify.PagerDuty, "canary-routing-key", notify.Settings{}, "/v2/enqueue", 1, `"routing_key":"canary-routing-key"`, "", "d"},
		{notify.Opsgenie, "canary-api-key", notify.Settings{Region: "us"}, "/v2/alerts", 1, `"priority":"P2"`, "GenieKey canary-api-key", "r"},
		{notify.Jira, "canary-token", notify.Settings{URL: r.URL, Project: "OPS", IssueType: "Task", User: "a@acme.example"}, "/rest/api/3/issue", 2, `"labels":["tenantra-01990000`, "Basic ", "OPS-7"},
	} {
		channel := f.channel(c.kind, c.secret, c.config)
		if channel.Hint == "" || strings.Contains(channel.Hint, "canary") {
			t.Errorf("%s: hint %q", c.kind, channel.Hint)
		}
		f.alert(alerts.NoticeOpened, tables.ClassInventory, string(c.kind))
		var got call
		for range c.calls {
			got = r.next(t)
		}
		if got.path != c.path || !strings.Contains(got.body, c.body) || !strings.HasPrefix(got.header.Get("Authorization"), c.header) {
			t.Errorf("%s: %s %s %s", c.kind, got.path, got.header.Get("Authorization"), got.body)
		}
		n := f.wait(notify.Sent)
		if c.messageID != "" && n.MessageID != c.messageID {
			t.Errorf("%s: message id %q", c.kind, n.MessageID)
		}
		if strings.Contains(n.Body+n.Reason, "canary") {
			t.Errorf("%s: the log holds the secret", c.kind)
		}
	}
	f.alert(alerts.NoticeResolved, tables.ClassInventory, "opsgenie")
	if got := r.next(t); got.path != "/v2/alerts/tenantra-01990000-0000-7000-8000-00000000000a/close?identifierType=alias" {
		t.Errorf("opsgenie closes by %s", got.path)
	}
	// S58: no secret outside of what is sealed.
	var n int
	err := f.admin.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM jobs.river_job WHERE args::text || coalesce(errors::text, '') LIKE '%canary%')
		+ (SELECT count(*) FROM tenantra.audit_entries a WHERE a::text LIKE '%canary%')`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d rows of queue and audit hold a secret, %v", n, err)
	}
}

func TestFailuresAreTriedAgainAndGivenUp(t *testing.T) {
	t.Parallel()
	answers := make(chan int, 10)
	r := newReceiver(t, func(call) (int, string) { return <-answers, "secret answer" })
	f := newFleet(t, "", true)
	f.channel(notify.Webhook, "", notify.Settings{URL: r.URL})
	answers <- 503
	f.alert(alerts.NoticeOpened, tables.ClassInventory, "webhook")
	first := r.next(t)
	n := f.wait(notify.Retrying)
	if n.WebhookStatus != 503 || n.Reason != "the receiver answered 503" {
		t.Errorf("after a failure: %+v", n)
	}
	answers <- 200
	f.hurry()
	second := r.next(t)
	if first.header.Get("Webhook-Id") != second.header.Get("Webhook-Id") || first.body != second.body {
		t.Error("the second attempt is of another message")
	}
	if n = f.wait(notify.Sent); n.RetryCount != 1 || n.Reason != "" {
		t.Errorf("after the second attempt: %+v", n)
	}
	answers <- 404
	f.alert(alerts.NoticeReminder, tables.ClassInventory, "webhook")
	r.next(t)
	if n = f.wait(notify.Dead); n.WebhookStatus != 404 || strings.Contains(n.Reason, "secret answer") {
		t.Errorf("a wrong address: %+v", n)
	}
	answers <- 200
	if _, err := f.service.Replay(t.Context(), f.scope, n.ID); err != nil {
		t.Fatal(err)
	}
	r.next(t)
	f.wait(notify.Sent)
}

// A server that dies after it stored a notice, or while it sends one, loses none: another server sends it, and a receiver
// that got it before knows it by its id.
func TestKillLosesNoNotice(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hang := true
	r := newReceiver(t, func(call) (int, string) {
		if hang {
			hang = false
			<-release // the first server dies while it waits for the answer
		}
		return 200, ""
	})
	f := newFleet(t, "", false)
	f.channel(notify.Webhook, "", notify.Settings{URL: r.URL})
	f.alert(alerts.NoticeOpened, tables.ClassInventory, "webhook") // stored, and no server runs jobs
	f.jobs.Close()                                                 // its connections are gone
	stop := f.start("", true)
	// The second server takes the job; it is stopped in the middle, so hard that it writes nothing.
	deadline := time.Now().Add(20 * time.Second)
	for running := 0; running == 0; {
		if err := f.admin.QueryRow(t.Context(), `SELECT count(*) FROM jobs.river_job WHERE kind = 'notify' AND state = 'running'`).Scan(&running); err != nil || time.Now().After(deadline) {
			t.Fatal("the job does not run", err)
		}
	}
	f.jobs.Close()
	close(release)
	first := r.next(t)
	stop()
	// The state that a kill leaves behind: nothing was written after the request went out. A rescuer puts the job back.
	if _, err := f.admin.Exec(t.Context(), `UPDATE jobs.river_job SET state = 'available', scheduled_at = now() WHERE kind = 'notify'`); err != nil {
		t.Fatal(err)
	}
	if _, err := f.admin.Exec(t.Context(), `UPDATE tenantra.notifications SET status = 'queued' WHERE kind = 'webhook'`); err != nil {
		t.Fatal(err)
	}
	f.start("", true)
	second := r.next(t)
	if first.header.Get("Webhook-Id") != second.header.Get("Webhook-Id") || first.body != second.body {
		t.Error("the repetition cannot be known as one")
	}
	f.wait(notify.Sent)
}

// S55: an address that leads inside is refused when it is stored, and not dialled when it is one by its name.
func TestChannelsDoNotReachInside(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "", true)
	for _, address := range []string{"http://hooks.example/", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://2130706433/", "https://hooks.example:22/", "https://a:b@hooks.example/", "file:///etc/passwd"} {
		d := notify.Draft{Channel: notify.Channel{Name: "hook", Kind: notify.Webhook, Config: notify.Settings{URL: address}, Enabled: true, Severity: findings.Low}}
		if _, _, err := f.service.CreateChannel(t.Context(), f.scope, d); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", address, err)
		}
	}
	for kind, address := range map[notify.Kind]string{notify.Slack: "https://evil.example/services/x", notify.Discord: "https://discord.com.evil.example/x", notify.Teams: "https://webhook.office.com.evil.example/"} {
		d := notify.Draft{Secret: address, Channel: notify.Channel{Name: "chat", Kind: kind, Enabled: true, Severity: findings.Low}}
		if _, _, err := f.service.CreateChannel(t.Context(), f.scope, d); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", address, err)
		}
	}
	f.channel(notify.Webhook, "", notify.Settings{URL: "https://ip6-localhost/hook"})
	f.alert(alerts.NoticeOpened, tables.ClassInventory, "webhook")
	n := f.wait(notify.Dead, notify.Retrying)
	if n.WebhookStatus != 0 || strings.Contains(n.Reason, "ip6-localhost") {
		t.Errorf("%+v", n)
	}
}

func TestPlanAndClassDecideWhatIsSent(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, well)
	f := newFleet(t, "", true)
	f.channel(notify.Webhook, "", notify.Settings{URL: r.URL})
	f.alert(alerts.NoticeOpened, tables.ClassPersonal, "webhook")
	if got := r.next(t); strings.Contains(got.body, "telnetd") || strings.Contains(got.body, `"23"`) || !strings.Contains(got.body, "web-1") {
		t.Errorf("a channel for inventory gets %s", got.body)
	}
	f.wait(notify.Sent)
	basic := f.scope
	basic.Tier = access.Basic
	if _, _, err := f.service.CreateChannel(t.Context(), basic, notify.Draft{Channel: notify.Channel{Name: "x", Kind: notify.Webhook, Config: notify.Settings{URL: "https://hooks.example/"}, Severity: findings.Low}}); fault.CodeOf(err) != fault.TierRequired {
		t.Errorf("a webhook in the plan basic: %v", err)
	}
	weak := f.scope
	weak.Role = access.ReadOnly
	inbox, _, unread, err := f.service.Inbox(t.Context(), weak, uuid.Max, 10)
	if err != nil || len(inbox) != 1 || unread != 1 || inbox[0].Body != "" || strings.Contains(inbox[0].Subject, "Telnet") {
		t.Errorf("inbox of a reader: %+v, %d, %v", inbox, unread, err)
	}
	if err := f.service.MarkRead(t.Context(), weak, inbox[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, _, unread, err = f.service.Inbox(t.Context(), weak, uuid.Max, 10); err != nil || unread != 0 {
		t.Errorf("after reading %d are unread, %v", unread, err)
	}
	if err := f.db.InScope(t.Context(), access.System(f.scope.Tenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE tenants SET plan = 'basic' WHERE id = $1`, f.scope.Tenant)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	f.start("", true)
	f.alert(alerts.NoticeOpened, tables.ClassInventory, "webhook")
	if n := f.wait(notify.Suppressed); !strings.Contains(n.Reason, "the plan basic does not have chat_integration") {
		t.Errorf("%+v", n)
	}
}

func TestChannelsAreInheritedAndTheirSecretsStay(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, well)
	f := newFleet(t, "", true)
	d := notify.Draft{Channel: notify.Channel{Name: "soc", Kind: notify.Webhook, Config: notify.Settings{URL: r.URL}, Enabled: true, AllAlerts: true, Severity: findings.High}}
	c, key, err := f.service.CreateChannel(t.Context(), f.scope, d)
	if err != nil {
		t.Fatal(err)
	}
	child, other := pgtest.Tenant(t, f.db, "child", f.scope.Tenant), pgtest.Tenant(t, f.db, "other")
	parent := f.scope
	f.scope = child
	if told := f.alert(alerts.NoticeOpened, tables.ClassInventory); !slices.Equal(told, []string{"soc"}) {
		t.Errorf("the child's alert is told to %v", told)
	}
	verify(t, r.next(t), key)
	f.wait(notify.Sent)
	if seen, err := f.service.Channels(t.Context(), child); err != nil || len(seen) != 0 {
		t.Errorf("the child sees its parent's channels: %v, %v", seen, err)
	}
	for _, scope := range []access.Scope{child, other} {
		if _, err := f.service.Test(t.Context(), scope, c.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("test: %v", err)
		}
		if _, _, err := f.service.RotateKey(t.Context(), scope, c.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("rotate: %v", err)
		}
		if err := f.service.DeleteChannel(t.Context(), scope, c.ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("delete: %v", err)
		}
	}
	if found, err := f.service.List(t.Context(), other, notify.Filter{}, uuid.Max, 10); err != nil || len(found) != 0 {
		t.Errorf("another tenant's notices: %v, %v", found, err)
	}
	if _, err := f.service.Test(t.Context(), parent, c.ID); err != nil {
		t.Fatal(err)
	}
	if got := r.next(t); !strings.Contains(got.body, `"type":"test"`) {
		t.Errorf("test sends %s", got.body)
	}
	if err := f.service.DeleteChannel(t.Context(), parent, c.ID); err != nil {
		t.Fatal(err)
	}
}

// A secret goes nowhere but where it was given for.
func TestAddressDoesNotChangeUnderASecret(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "", false)
	set := notify.Settings{URL: "https://acme.atlassian.net", Project: "OPS", IssueType: "Task", User: "a@acme.example"}
	c := f.channel(notify.Jira, "a-long-api-token", set)
	set.URL = "https://evil.example"
	d := notify.Draft{Channel: notify.Channel{Name: "jira", Kind: notify.Jira, Config: set, Enabled: true, Severity: findings.Low}}
	if _, err := f.service.UpdateChannel(t.Context(), f.scope, c.ID, d); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("another address with the old token: %v", err)
	}
	d.Secret = "another-api-token"
	if _, err := f.service.UpdateChannel(t.Context(), f.scope, c.ID, d); err != nil {
		t.Errorf("another address with another token: %v", err)
	}
}
