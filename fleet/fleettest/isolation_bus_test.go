package fleettest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/bus/bustest"
	"github.com/tenantra/tenantra/fleet/client"
)

// busKinds are all kinds of messages that servers send each other, and whether their bodies may name things of their tenant. A
// kind that is missing here fails the test, so that a new one is thought about.
var busKinds = map[string]bool{"agent": true, "agent_revoked": false, "config_changed": false, "event": true, "livequery": false}

const metricsToken = "metrics-token-4711"

// overheard is what somebody hears who has a server's credentials of the bus.
type overheard struct {
	mu       sync.Mutex
	messages []*nats.Msg
}

func (o *overheard) hear(m *nats.Msg) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = append(o.messages, m)
}

func (o *overheard) all() []*nats.Msg {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.messages)
}

// TestBusAndMetricsKeepTenantsApart is S1 for what is no route: while acme does all that is told over the bus, each message names
// acme in subject and envelope, globex's console and agents hear nothing of it, not even when the messages are sent again
// under globex's subjects; and no metric names a tenant, an agent or a person.
func TestBusAndMetricsKeepTenantsApart(t *testing.T) {
	t.Parallel()
	d := StartDatabase(t)
	installation := d.installation(t)
	cluster := bustest.Start(t, installation, 1)
	credentials, err := json.Marshal(cluster.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	f := d.Server(t, 30*time.Second, natsVariable+"="+cluster.URL, busVariable+"="+string(credentials), "TENANTRA_METRICS_TOKEN="+metricsToken)
	f.signIn(<-f.first)
	acme, globex := f.Tenant("acme"), f.Tenant("globex")
	acmeID, globexID := d.tenant(t, "acme"), d.tenant(t, "globex")
	conn := tap(t, cluster)
	prefix := "tenantra." + installation.String() + ".t."
	var heard overheard
	if _, err := conn.Subscribe(prefix+">", heard.hear); err != nil {
		t.Fatal(err)
	}
	if err := conn.FlushTimeout(Patience); err != nil {
		t.Fatal(err)
	}

	// Globex only listens: its console's stream now, an agent later, for one that says nothing is closed after a while.
	lines := make(chan string, 1024)
	go func() {
		// It ends with the test, as whatever error the connection then gives.
		_ = client.Stream(t.Context(), globex, "/events", nil, func(line json.RawMessage) error { lines <- string(line); return nil })
	}()
	listener := f.impostor(t, "globex", plainFacts)

	agent := f.Agent("acme", canary)
	Eventually(t, "the agent is online", func() error {
		a, err := client.Get[client.Agent](t.Context(), acme, "/agents/"+agent.ID, nil)
		if err == nil && a.Status != "online" {
			err = errors.New(a.Status)
		}
		return err
	})
	ask := map[string]any{"sql": "SELECT '" + canary + "' AS x", "target": map[string]any{"agent_ids": []string{agent.ID}}}
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPut, "/packs/canary", map[string]string{"yaml": "pack: canary\ndescription: " + canary + "\nqueries:\n  a:\n    sql: SELECT name FROM processes\n"}},
		{http.MethodPut, "/schedules/canary", map[string]bool{"enabled": true}},
		{http.MethodPost, "/live-queries", ask},
	} {
		if err := acme.Do(t.Context(), call.method, call.path, nil, call.body, nil); err != nil {
			t.Fatalf("%s %s: %v", call.method, call.path, err)
		}
	}
	seen := func(kinds ...string) func() error {
		return func() error {
			missing := map[string]bool{}
			for _, kind := range kinds {
				missing[kind] = true
			}
			for _, m := range heard.all() {
				delete(missing, strings.Split(strings.TrimPrefix(m.Subject, prefix), ".")[1])
			}
			if len(missing) > 0 {
				return fmt.Errorf("not heard yet: %v", slices.Sorted(maps.Keys(missing)))
			}
			return nil
		}
	}
	Eventually(t, "the agent was asked and has answered", seen("agent", "livequery", "event", "config_changed"))
	if err := acme.Do(t.Context(), http.MethodPost, "/agents/"+agent.ID+"/revoke", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, "every kind of message was sent", seen(slices.Sorted(maps.Keys(busKinds))...))

	secrets := []string{canary, agent.ID, acmeID.String()}
	messages := heard.all()
	for _, m := range messages {
		parts := strings.Split(strings.TrimPrefix(m.Subject, prefix), ".")
		mayName, known := busKinds[parts[1]]
		if len(parts) != 3 || !known {
			t.Errorf("%s: add its kind to busKinds", m.Subject)
			continue
		}
		tenant, err := uuid.Parse(parts[0])
		if err != nil || len(m.Data) < len(tenant) || !bytes.Equal(m.Data[:len(tenant)], tenant[:]) {
			t.Errorf("%s: the envelope names another tenant", m.Subject)
			continue
		}
		body := string(m.Data[len(tenant):])
		for _, secret := range secrets {
			if strings.Contains(body, secret) && (tenant != acmeID || !mayName) {
				t.Errorf("%s tells of %s: %.200s", m.Subject, secret, body)
			}
		}
	}
	bystander := f.connect(t, listener, plainFacts)
	commands := make(chan string, 1024)
	go bystander.kinds(commands)
	for _, m := range messages {
		if rest, ok := strings.CutPrefix(m.Subject, prefix+acmeID.String()+"."); ok {
			kind, _, _ := strings.Cut(rest, ".")
			for _, subject := range []string{prefix + globexID.String() + "." + rest, prefix + globexID.String() + "." + kind + "." + listener.ID.String()} {
				if err := conn.Publish(subject, m.Data); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	// Behind them comes what globex may see. When it is there, the others were dropped.
	if err := conn.Publish(prefix+globexID.String()+".event.mark", append(globexID[:], `{"type":"mark"}`...)); err != nil {
		t.Fatal(err)
	}
	hears(t, lines, `"mark"`, secrets)
	bystander.send(t, protocol.TypeLog, json.RawMessage(`{"nonsense":1}`)) // an error comes back, after whatever was sent before
	hears(t, commands, string(protocol.TypeError), []string{string(protocol.CommandQuery), string(protocol.CommandCancel), string(protocol.CommandResync), protocol.CodeRevoked})
	metricsNameNobody(t, f, append(secrets, "acme", "globex", globexID.String(), listener.ID.String(), "admin@"))
}

// tap connects to the bus as somebody who has a server's credentials.
func tap(t *testing.T, c *bustest.Cluster) *nats.Conn {
	t.Helper()
	nkey, err := nats.NkeyOptionFromSeed(c.Credentials.Nkey)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect(c.URL, nkey, nats.RootCAs(c.Credentials.CA), nats.ClientCert(c.Credentials.Cert, c.Credentials.Key))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func (d *Database) tenant(t *testing.T, slug string) (id uuid.UUID) {
	t.Helper()
	d.ask(t, func(conn *pgx.Conn) pgx.Row {
		return conn.QueryRow(t.Context(), `SELECT public_id FROM tenantra.tenants WHERE slug = $1`, slug)
	}, &id)
	return id
}

// kinds tells what messages and commands come, until the connection ends.
func (w *wire) kinds(to chan<- string) {
	for {
		envelope, err := w.nextAny()
		if err != nil {
			return
		}
		text := string(envelope.Type)
		if envelope.Type == protocol.TypeCommand {
			var command protocol.Command
			var header protocol.CommandHeader
			if protocol.Decode(envelope.Body, &command) == nil && command.Header.Peek(&header) == nil {
				text += " " + string(header.Kind)
			}
		}
		if envelope.Type == protocol.TypeError {
			text += " " + string(envelope.Body)
		}
		to <- text
	}
}

// hears reads until something wanted comes; nothing before it may hold what is not to be heard.
func hears(t *testing.T, from <-chan string, wanted string, never []string) {
	t.Helper()
	deadline := time.After(Patience)
	for {
		select {
		case text := <-from:
			for _, secret := range never {
				if strings.Contains(text, secret) {
					t.Errorf("heard %.300s", text)
				}
			}
			if strings.Contains(text, wanted) {
				return
			}
		case <-deadline:
			t.Fatalf("%s was not heard", wanted)
		}
	}
}

// metricLabels are all labels that metrics have; what they hold is of a fixed list, or a number.
var metricLabels = map[string]*regexp.Regexp{
	"operation": regexp.MustCompile(`^[a-z-]*$`), "status": regexp.MustCompile(`^[1-5][0-9][0-9]$`), "le": regexp.MustCompile(`^(\+Inf|[0-9.e+-]+)$`),
}

// metricsNameNobody reads the metrics with and without the token.
func metricsNameNobody(t *testing.T, f *Fleet, secrets []string) {
	web := f.web(t)
	get := func(token string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			request.Header.Set("Authorization", token)
		}
		response, err := web.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	for _, wrong := range []string{"", "Bearer", "Bearer ", "Bearer guess", "Basic " + metricsToken, metricsToken, "Bearer " + metricsToken + "x"} {
		if status, text := get(wrong); status != http.StatusUnauthorized || strings.Contains(text, "tenantra_") {
			t.Errorf("with %q: %d %.100s", wrong, status, text)
		}
	}
	status, text := get("Bearer " + metricsToken)
	if status != http.StatusOK || !strings.Contains(text, "tenantra_http_requests_total") {
		t.Fatalf("with the token: %d %.200s", status, text)
	}
	label := regexp.MustCompile(`([a-zA-Z_]+)="([^"]*)"`)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, found := range label.FindAllStringSubmatch(line, -1) {
			if allowed := metricLabels[found[1]]; allowed == nil || !allowed.MatchString(found[2]) {
				t.Errorf("the label %s of %.200s is not in metricLabels", found[0], line)
			}
		}
		for _, secret := range secrets {
			if values := label.FindAllString(line, -1); slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, secret) }) {
				t.Errorf("%q in %.200s", secret, line)
			}
		}
	}
}
