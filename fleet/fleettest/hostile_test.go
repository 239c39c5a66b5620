package fleettest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/tables"
)

// TestHostileAgents has agents that an attacker wrote speak to a real server: S5, S16, S18, S22 and what a batch may not be.
func TestHostileAgents(t *testing.T) {
	t.Parallel()
	f := Start(t)
	admin := f.Tenant("acme")
	f.Do(http.MethodPut, "/packs/hostile", "acme", map[string]string{"yaml": "pack: hostile\nqueries:\n  a:\n    sql: SELECT name FROM processes\n    interval: 1h\n"}, nil)
	f.Do(http.MethodPut, "/schedules/hostile", "acme", map[string]bool{"enabled": true}, nil)
	for name, test := range map[string]func(*testing.T, *Fleet, *client.Client){
		"every secret that does not hold gets one answer":   secretsGetOneAnswer,
		"a clock that is a day off is told the time":        wrongClockIsToldTheTime,
		"fifty hosts behind one address enrol":              fiftyHostsEnrol,
		"what an agent says of itself is text":              factsAreText,
		"hostile cells arrive canonical":                    cellsArriveCanonical,
		"a refused batch does not stop the next":            refusedBatchDoesNotStopTheNext,
		"a revoked agent is closed and stays out":           revokedAgentStaysOut,
		"a frame over the limit costs the connection alone": frameOverTheLimit,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, f, admin)
		})
	}
}

const hostileCollection = "pack:hostile/a"

// secretsGetOneAnswer is the first half of S18: nobody learns from a refusal whether a secret ever was one.
func secretsGetOneAnswer(t *testing.T, f *Fleet, _ *client.Client) {
	web := f.web(t)
	someone := rowstest.NewAgent(uuid.Nil, uuid.Nil)
	answer := func(secret string) string {
		_, err := enrol(t, web, f.URL, enrolment(someone, secret, time.Now().UTC(), plainFacts))
		var refused *protocol.Error
		if !errors.As(err, &refused) {
			t.Fatalf("the answer to a secret of %d bytes is no refusal: %v", len(secret), err)
		}
		text, _ := json.Marshal(refused)
		return string(text)
	}
	guess := func() string { return protocol.NewEnrollSecret([32]byte{}, [32]byte{}).String() }
	want := answer(guess())
	if !strings.Contains(want, protocol.CodeEnrollRefused) {
		t.Fatalf("a guess is answered with %s", want)
	}

	exhausted := f.secret(t, "acme", 1).Secret
	if _, err := enrol(t, web, f.URL, enrolment(someone, exhausted, time.Now().UTC(), plainFacts)); err != nil {
		t.Fatal(err)
	}
	expired := f.secret(t, "acme", 1)
	f.expire(t, expired.ID)
	f.Tenant("gone")
	deleted := f.secret(t, "gone", 1)
	f.Do(http.MethodDelete, "/enroll-secrets/"+deleted.ID, "gone", nil, nil)
	for name, secret := range map[string]string{
		"used up":                   exhausted,
		"expired":                   expired.Secret,
		"deleted in another tenant": deleted.Secret,
		"empty":                     "",
		"with NUL":                  guess() + "\x00",
		"one character off":         strings.Replace(exhausted, exhausted[10:11], map[bool]string{true: "B", false: "A"}[exhausted[10] == 'A'], 1),
		"as long as a body may be":  protocol.EnrollPrefix + strings.Repeat("A", 60<<10),
		"a mebibyte":                protocol.EnrollPrefix + strings.Repeat("A", 1<<20),
		"a mebibyte with NUL":       protocol.EnrollPrefix + strings.Repeat("\x00", 1<<18),
	} {
		if got := answer(secret); got != want {
			t.Errorf("%s: answered %s, a guess gets %s", name, got, want)
		}
	}
	for range 500 {
		if got := answer(guess()); got != want {
			t.Fatalf("a later guess is answered %s, the first got %s", got, want)
		}
	}
	refusalsTakeOneTime(t, answer, map[string]func() string{
		"guessed": guess, "no token": func() string { return "tne_x" },
		"used up": func() string { return exhausted }, "expired": func() string { return expired.Secret }, "deleted": func() string { return deleted.Secret },
	})
}

// refusalsTakeOneTime compares how long the answers take, asked in turn so that a busy moment is everybody's.
func refusalsTakeOneTime(t *testing.T, answer func(string) string, secrets map[string]func() string) {
	const rounds = 40
	took := map[string][]time.Duration{}
	for range rounds {
		for name, secret := range secrets {
			text := secret()
			started := time.Now()
			answer(text)
			took[name] = append(took[name], time.Since(started))
		}
	}
	median := func(name string) time.Duration { return slices.Sorted(slices.Values(took[name]))[rounds/2] }
	usual := median("guessed")
	for name := range secrets {
		if m := median(name); m > 2*usual+2*time.Millisecond || usual > 2*m+2*time.Millisecond {
			t.Errorf("a refusal takes %s where the secret is %s, %s for a guess", m, name, usual)
		}
	}
}

// expire moves a secret's end into the past, as only time can.
func (f *Fleet) expire(t *testing.T, id string) {
	t.Helper()
	password, err := os.ReadFile(filepath.Join(f.dir, "keys", "postgres-admin"))
	if err != nil {
		t.Fatal(err)
	}
	address := url.URL{Scheme: "postgres", User: url.UserPassword("tenantra_admin", strings.TrimSpace(string(password))), Path: "/tenantra",
		RawQuery: url.Values{"host": {filepath.Join(f.dir, "postgres", "run")}, "port": {"5432"}}.Encode()}
	conn, err := pgx.Connect(t.Context(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	tag, err := conn.Exec(t.Context(), `UPDATE tenantra.enroll_secrets SET expires_at = now() - interval '1 second' WHERE id = $1`, id)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("%s: %v", tag, err)
	}
}

// wrongClockIsToldTheTime is S18's clock, at enrolment and at each connection.
func wrongClockIsToldTheTime(t *testing.T, f *Fleet, _ *client.Client) {
	web := f.web(t)
	secret := f.secret(t, "acme", 1).Secret
	connected := f.impostor(t, "acme", plainFacts)
	for _, off := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		check := func(where string, refused *protocol.Error) {
			if refused == nil || refused.Code != protocol.CodeClockSkew || time.Since(refused.ServerTime).Abs() > time.Minute {
				t.Errorf("%s with a clock %s off: %+v, want %s with the server's time", where, off, refused, protocol.CodeClockSkew)
			}
		}
		var refused *protocol.Error
		_, err := enrol(t, web, f.URL, enrolment(rowstest.NewAgent(uuid.Nil, uuid.Nil), secret, time.Now().Add(off).UTC(), plainFacts))
		errors.As(err, &refused)
		check("enrolment", refused)

		w, challenge := f.dial(t, connected)
		w.hello(t, challenge, time.Now().Add(off).UTC(), plainFacts)
		var told protocol.Error
		w.expect(t, protocol.TypeError, &told)
		check("hello", &told)
		w.expectEnd(t)
	}
	if _, err := enrol(t, web, f.URL, enrolment(rowstest.NewAgent(uuid.Nil, uuid.Nil), secret, time.Now().UTC(), plainFacts)); err != nil {
		t.Errorf("after its clock was set: %v", err)
	}
}

// fiftyHostsEnrol is S18's site behind one address: all at once, with one secret.
func fiftyHostsEnrol(t *testing.T, f *Fleet, _ *client.Client) {
	const hosts = 50
	web := f.web(t)
	secret := f.secret(t, "acme", hosts).Secret
	var all sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for i := range hosts {
		all.Go(func() {
			facts := plainFacts
			facts.Hostname = fmt.Sprintf("nat-%02d", i)
			made, err := enrol(t, web, f.URL, enrolment(rowstest.NewAgent(uuid.Nil, uuid.Nil), secret, time.Now().UTC(), facts))
			if err != nil {
				t.Errorf("host %d: %v", i, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[made.AgentID] = true
		})
	}
	all.Wait()
	if len(ids) != hosts {
		t.Errorf("%d hosts became %d agents", hosts, len(ids))
	}
}

// factsAreText is S5: facts are stored and shown as they came, but for control characters, which no fact can hold.
func factsAreText(t *testing.T, f *Fleet, admin *client.Client) {
	hostile := func(field string) string {
		return field + `'; DROP TABLE tenantra.agents; -- <script>alert(1)</script> {{7*7}} ` + "\x1b[31mred\x1b[0m \u202egnp.exe\u202c"
	}
	facts := protocol.Facts{Hostname: hostile("host"), Platform: "linux", Arch: hostile("arch"), OSName: hostile("os"), OSVersion: hostile("release"), Version: hostile("version")}
	shown := func(field string) string { return strings.ReplaceAll(hostile(field), "\x1b", "\uFFFD") }
	check := func(when, id string) {
		t.Helper()
		got, err := client.Get[client.Agent](t.Context(), admin, "/agents/"+id, nil)
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		want := []string{shown("host"), shown("os"), shown("release"), shown("version")}
		if diff := cmp.Diff(want, []string{got.Hostname, got.OSName, got.OSVersion, got.Version}); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	a := f.impostor(t, "acme", facts)
	check("after enrolment", a.ID.String())
	f.connect(t, a, plainFacts)
	f.connect(t, a, facts)
	check("after a connection", a.ID.String())

	// The name is also data where it is searched for.
	found, err := drain(client.List[client.Agent](t.Context(), admin, "/agents", url.Values{"q": {shown("host")}}))
	if err != nil || len(found) != 1 || found[0].ID != a.ID.String() {
		t.Errorf("searched by its name: %+v, %v", found, err)
	}
	if none, err := drain(client.List[client.Agent](t.Context(), admin, "/agents", url.Values{"q": {"' OR '1'='1"}})); err != nil || len(none) != 0 {
		t.Errorf("a search for SQL finds %d agents, %v", len(none), err)
	}
}

// cellsArriveCanonical is S22: what no database can hold becomes U+FFFD, the rest stays to the byte, later batches flow.
func cellsArriveCanonical(t *testing.T, f *Fleet, admin *client.Client) {
	a := f.impostor(t, "acme", plainFacts)
	w := f.connect(t, a, plainFacts)
	want := [][]string{
		{"nul-\uFFFD", "after"}, {"bad-\uFFFD", "after"}, {"lone-\uFFFD", "after"}, {"ansi-\x1b[2J", "\u202ebidi\u202c"},
		{"quote-'\"; DROP TABLE", "<img src=x onerror=alert(1)>"}, {"long", strings.Repeat("é", protocol.CellMax/2)},
	}
	body := string(a.Sign(t, a.Snapshot(hostileCollection, []string{"name", "note"}, rowstest.Text(want...))))
	// The header's root is that of the canonical rows; what travels is as a careless agent would send it.
	for canonical, careless := range map[string]string{`"nul-` + "\uFFFD": `"nul-\u0000`, `"bad-` + "\uFFFD": "\"bad-\xff", `"lone-` + "\uFFFD": `"lone-\ud800`} {
		if strings.Count(body, canonical) != 1 {
			t.Fatalf("the batch does not hold %q once", canonical)
		}
		body = strings.Replace(body, canonical, careless, 1)
	}
	w.send(t, protocol.TypeBatch, json.RawMessage(body))
	w.expectAck(t, a.Sequence, "")
	if diff := cmp.Diff(sortedRows(want), storedRows(t, admin, a)); diff != "" {
		t.Errorf("stored: %.2000s", diff)
	}
	later := [][]string{{"later", "batch"}}
	w.batch(t, a.Snapshot(hostileCollection, []string{"name", "note"}, rowstest.Text(later...)))
	w.expectAck(t, a.Sequence, "")
	if diff := cmp.Diff(sortedRows(later), storedRows(t, admin, a)); diff != "" {
		t.Errorf("after the next batch: %s", diff)
	}
}

// sortedRows makes a set of rows comparable.
func sortedRows(rows [][]string) map[string]bool {
	set := map[string]bool{}
	for _, row := range rows {
		set[strings.Join(row, "|")] = true
	}
	return set
}

// storedRows reads the rows that the fleet has of an agent.
func storedRows(t *testing.T, c *client.Client, a *rowstest.Agent) map[string]bool {
	t.Helper()
	page, err := client.Get[struct {
		Rows [][]tables.Value `json:"rows"`
	}](t.Context(), c, "/agents/"+a.ID.String()+"/collections/"+url.PathEscape(hostileCollection)+"/rows", url.Values{"limit": {"500"}})
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, row := range page.Rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, cell.Text)
		}
		rows = append(rows, cells)
	}
	return sortedRows(rows)
}

// refusedBatchDoesNotStopTheNext sends each kind of batch that is refused, then a good one on the same connection.
func refusedBatchDoesNotStopTheNext(t *testing.T, f *Fleet, admin *client.Client) {
	a := f.impostor(t, "acme", plainFacts)
	w := f.connect(t, a, plainFacts)
	good := func(name string) {
		t.Helper()
		w.batch(t, a.Snapshot(hostileCollection, []string{"name"}, rowstest.Text([]string{name})))
		w.expectAck(t, a.Sequence, "")
		if diff := cmp.Diff(map[string]bool{name: true}, storedRows(t, admin, a)); diff != "" {
			t.Errorf("stored: %s", diff)
		}
	}
	row := rowstest.Text([]string{"never stored"})

	thief := rowstest.NewAgent(a.TenantID, a.ID)
	w.send(t, protocol.TypeBatch, json.RawMessage(thief.Sign(t, a.Snapshot(hostileCollection, []string{"name"}, row))))
	w.expectError(t, protocol.CodeSignature)
	good("after a wrong signature")

	w.batch(t, a.Snapshot(hostileCollection, []string{"name"}, rowstest.Text([]string{strings.Repeat("x", protocol.CellMax+1)})))
	w.expectAck(t, a.Sequence, protocol.CodeTooLarge)
	good("after a cell too large")

	foreign := a.Snapshot(hostileCollection, []string{"name"}, row)
	foreign.Header.AgentID = uuid.NewString()
	w.batch(t, foreign)
	w.expectAck(t, a.Sequence, protocol.CodeForeignIdentity)
	good("after another agent's name")

	stranger := a.Snapshot(hostileCollection, []string{"name"}, row)
	stranger.Header.TenantID = uuid.NewString()
	w.batch(t, stranger)
	w.expectAck(t, a.Sequence, protocol.CodeForeignIdentity)
	good("after another tenant's name")

	altered := a.Snapshot(hostileCollection, []string{"name"}, row)
	altered.Header.Root = make([]byte, 32)
	w.batch(t, altered)
	w.expectAck(t, a.Sequence, protocol.CodeInvalid)
	good("after rows that were not signed")
}

// frameOverTheLimit sends one byte more than a frame may have.
func frameOverTheLimit(t *testing.T, f *Fleet, admin *client.Client) {
	a := f.impostor(t, "acme", plainFacts)
	w := f.connect(t, a, plainFacts)
	// The server closes while this is written: only what it says of that matters.
	_ = w.conn.WriteMessage(websocket.BinaryMessage, make([]byte, protocol.FrameMax+1))
	if envelope, err := w.next(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("got %s %v, want the close code %d", envelope.Type, err, websocket.CloseMessageTooBig)
	}
	again := f.connect(t, a, plainFacts)
	again.batch(t, a.Snapshot(hostileCollection, []string{"name"}, rowstest.Text([]string{"again"})))
	again.expectAck(t, a.Sequence, "")
	if diff := cmp.Diff(map[string]bool{"again": true}, storedRows(t, admin, a)); diff != "" {
		t.Errorf("stored: %s", diff)
	}
}

// revokedAgentStaysOut is S16 on one server.
func revokedAgentStaysOut(t *testing.T, f *Fleet, _ *client.Client) {
	const within = 5 * time.Second
	a := f.impostor(t, "acme", plainFacts)
	w := f.connect(t, a, plainFacts)
	f.Do(http.MethodPost, "/agents/"+a.ID.String()+"/revoke", "acme", nil, nil)
	revoked := time.Now()
	w.expectError(t, protocol.CodeRevoked)
	w.expectEnd(t)
	again, challenge := f.dial(t, a)
	again.hello(t, challenge, time.Now().UTC(), plainFacts)
	again.expectError(t, protocol.CodeRevoked)
	again.expectEnd(t)
	if took := time.Since(revoked); took > within {
		t.Errorf("closing and refusing took %s, want at most %s", took, within)
	}
}
