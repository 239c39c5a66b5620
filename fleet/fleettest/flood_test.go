package fleettest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/klauspost/compress/zstd"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

const (
	mebibyte = 1 << 20
	// growthMax is S20's bound; collectSlack is for one message of 32 MiB that Go's collector has not come to yet.
	growthMax    = 64 * mebibyte
	collectSlack = 32 * mebibyte
	// lateness is how much later than its limit a busy machine may act.
	lateness = 6 * time.Second

	headerTime = 5 * time.Second
	bodyTime   = 30 * time.Second
	streamTime = 30 * time.Second
)

// side is who attacks: a tenant's administrator, and for calls that only they may make, the installation's.
type side struct {
	acme          *client.Client
	bearer, admin string
}

// TestFloodsStayBounded is S20: while tenant acme's side sends all that a server might choke on, at the same time, the
// server's memory stays bounded and every request of tenant globex is answered.
func TestFloodsStayBounded(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme, globex := f.Tenant("acme"), f.Tenant("globex")
	here := &side{acme: acme, bearer: f.token(t, acme, "admin@acme.example"), admin: f.token(t, f.Admin, auth.FirstAdmin)}
	before := f.rss(t)
	watch := watchOver(t, f, globex)
	var attacks sync.WaitGroup // all at once, however few tests the machine runs in parallel
	for name, attack := range map[string]func(*testing.T, *Fleet, *side){
		"a frame of 100 MB is cut":                             hugeFrame,
		"a frame that unpacks to a thousandfold is refused":    zstdBomb,
		"JSON nested 10,000 deep is refused":                   deepJSON,
		"headers that never end are given up":                  slowHeaders,
		"a body that never ends is given up":                   slowBodies,
		"no route reads a body over its limit":                 bodiesOverTheLimit,
		"a reader that stops does not keep its stream":         readerThatStops,
		"a body that is only announced holds nobody else back": announcedBodies,
	} {
		attacks.Go(func() { t.Run(name, func(t *testing.T) { attack(t, f, here) }) })
	}
	attacks.Wait()
	peak, answered := watch()
	t.Logf("resident memory: %d MiB before, %d MiB at most; %d requests of the other tenant answered", before/mebibyte, peak/mebibyte, answered)
	if peak > before+growthMax+collectSlack {
		t.Errorf("the server grew from %d MiB to %d MiB", before/mebibyte, peak/mebibyte)
	}
	if answered < 20 {
		t.Errorf("only %d requests of the other tenant were answered", answered)
	}
}

// rss is the resident memory of the server's process.
func (f *Fleet) rss(t testing.TB) int64 {
	t.Helper()
	f.process.mu.Lock()
	pid := f.process.cmd.Process.Pid
	f.process.mu.Unlock()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skipf("the server's memory cannot be read here: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatal("the server's status has no VmRSS")
	return 0
}

// watchOver looks at the server's memory and asks as the bystander until its result is called.
func watchOver(t *testing.T, f *Fleet, bystander *client.Client) func() (peak int64, answered int) {
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var peak int64
	var answered int
	all.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				peak = max(peak, f.rss(t))
			}
		}
	})
	all.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			started := time.Now()
			if _, err := drain(client.List[client.Agent](t.Context(), bystander, "/agents", nil)); err != nil {
				t.Errorf("the other tenant's request: %v", err)
			}
			if took := time.Since(started); took > lateness {
				t.Errorf("the other tenant's request took %s", took)
			}
			answered++
		}
	})
	return func() (int64, int) {
		stop()
		all.Wait()
		return peak, answered
	}
}

// hugeFrame announces 100 MB and sends as long as it may, before and after hello.
func hugeFrame(t *testing.T, f *Fleet, _ *side) {
	stranger, _ := f.dial(t, rowstest.NewAgent(uuid.New(), uuid.New()))
	known := f.connect(t, f.impostor(t, "acme", plainFacts), plainFacts)
	const size = 100_000_000
	for who, w := range map[string]*wire{"before hello": stranger, "after hello": known} {
		head := append([]byte{0x82, 0xff}, binary.BigEndian.AppendUint64(nil, size)...) // final binary frame, masked, 64-bit length
		raw := w.conn.NetConn()
		sent, err := raw.Write(append(head, 0, 0, 0, 0)) // a mask of zeros leaves the payload as it is
		block := make([]byte, mebibyte)
		for err == nil && sent < size {
			raw.SetWriteDeadline(time.Now().Add(lateness))
			var n int
			n, err = raw.Write(block)
			sent += n
		}
		if err == nil {
			t.Errorf("%s: the server took all of %d bytes", who, sent)
		}
		if _, err := w.next(); err == nil || isTimeout(err) {
			t.Errorf("%s: the connection goes on: %v", who, err)
		}
	}
}

// bomb packs an envelope of about so many bytes, a thousand to one.
func bomb(t *testing.T, size int, told bool) []byte {
	t.Helper()
	text := append(append([]byte(`{"type":"hello","body":"`), bytes.Repeat([]byte("a"), size)...), `"}`...)
	var packed bytes.Buffer
	e, err := zstd.NewWriter(&packed, zstd.WithWindowSize(mebibyte), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if told { // with its size in front
		return e.EncodeAll(text, nil)
	}
	if _, err := e.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// zstdBomb sends bombs over the limit and just below it, from many connections at once.
func zstdBomb(t *testing.T, f *Fleet, _ *side) {
	bombs := [][]byte{
		bomb(t, 2*protocol.InflatedMax, true), bomb(t, 2*protocol.InflatedMax, false), bomb(t, protocol.InflatedMax-mebibyte, true),
	}
	for _, packed := range bombs {
		if ratio := protocol.InflatedMax / len(packed); ratio < 1000 {
			t.Fatalf("a bomb of %d bytes is not 1000:1", len(packed))
		}
	}
	// A frame that does not say its size must be small. The last may be unpacked after hello, and nobody says hello twice.
	codes := []string{protocol.CodeTooLarge, protocol.CodeInvalid, protocol.CodeUnknownMessage}
	var all sync.WaitGroup
	throw := func(who string, w *wire, packed []byte, code string) {
		all.Go(func() {
			if err := w.conn.WriteMessage(websocket.BinaryMessage, packed); err != nil {
				t.Errorf("%s: %v", who, err)
				return
			}
			envelope, err := w.next()
			if err != nil || envelope.Type != protocol.TypeError {
				t.Errorf("%s: got %s %v, want an error message", who, envelope.Type, err)
				return
			}
			var refused protocol.Error
			if err := protocol.Decode(envelope.Body, &refused); err != nil || refused.Code != code {
				t.Errorf("%s: %+v %v, want code %s", who, refused, err, code)
			}
		})
	}
	for i := range 32 {
		w, _ := f.dial(t, rowstest.NewAgent(uuid.New(), uuid.New()))
		code := codes[i%len(bombs)]
		if code == protocol.CodeUnknownMessage {
			code = protocol.CodeTooLarge
		}
		throw("before hello", w, bombs[i%len(bombs)], code)
	}
	for i := range 8 {
		w := f.connect(t, f.impostor(t, "acme", plainFacts), plainFacts)
		throw("after hello", w, bombs[i%len(bombs)], codes[i%len(bombs)])
	}
	all.Wait()
}

// deepJSON sends it to an address for everybody and to one for those who have signed in.
func deepJSON(t *testing.T, f *Fleet, here *side) {
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	web := f.web(t)
	response, err := web.Post(f.URL+"/agent/enroll", "application/json", strings.NewReader(`{"facts":`+deep+`}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("enrolment: %s", response.Status)
	}
	for _, body := range []string{deep, `{"sql":` + deep + `}`, `{"target":` + strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000) + `}`} {
		status := f.raw(t, web, here.bearer, http.MethodPost, "/live-queries", strings.NewReader(body))
		if status != http.StatusBadRequest {
			t.Errorf("live query %.20s…: %d, want 400", body, status)
		}
	}
}

// raw sends a body of the test's own as somebody who has signed in.
func (f *Fleet) raw(t *testing.T, web *http.Client, bearer, method, path string, body io.Reader) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, f.URL+"/api/v1"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+bearer)
	response, err := web.Do(request)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// token signs a session in anew and gives its access token, for requests that the client cannot make.
func (f *Fleet) token(t *testing.T, c *client.Client, email string) string {
	t.Helper()
	tokens, err := c.Login(t.Context(), email, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return tokens.AccessToken
}

// slow sends a start and then a byte a second until the server ends the connection, and gives what it answered.
func slow(t *testing.T, conn net.Conn, start, drip string, within time.Duration) string {
	started := time.Now()
	if _, err := io.WriteString(conn, start); err != nil {
		t.Errorf("%.40q: %v", start, err)
		return ""
	}
	done := make(chan struct{})
	var dripping sync.WaitGroup
	dripping.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for drip != "" {
			select {
			case <-done:
				return
			case <-tick.C:
				if _, err := io.WriteString(conn, drip); err != nil {
					return
				}
			}
		}
	})
	conn.SetReadDeadline(started.Add(within + lateness))
	answer, err := io.ReadAll(conn)
	close(done)
	dripping.Wait()
	if isTimeout(err) {
		t.Errorf("%.60q: open after %s, answered %.60q", start, time.Since(started), answer)
	}
	return string(answer)
}

// slowHeaders is slowloris at its earliest: no handshake, no request line, no end of the headers.
func slowHeaders(t *testing.T, f *Fleet, _ *side) {
	var all sync.WaitGroup
	for range 8 {
		plain, err := net.Dial("tcp", f.address())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { plain.Close() })
		all.Go(func() { slow(t, plain, "", "", headerTime) })
		all.Go(func() { slow(t, f.socket(t), "G", "", headerTime) })
		all.Go(func() { slow(t, f.socket(t), "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", "a", headerTime) })
	}
	all.Wait()
}

// slowBodies announces bodies and sends them a byte a second: where they are read, and where nobody wants them.
func slowBodies(t *testing.T, f *Fleet, here *side) {
	bearer := "Authorization: Bearer " + here.bearer + "\r\n"
	var all sync.WaitGroup
	for _, target := range []struct{ line, headers string }{
		{"POST /api/v1/live-queries", bearer},
		{"POST /api/v1/live-queries", ""}, // 401
		{"POST /api/v1/nothing", bearer},  // 404
		{"POST /api/v1/auth/login", "Content-Type: application/json\r\n"},
		{"POST /agent/enroll", ""},
		{"POST /api/v1/scan/result", protocol.HeaderAgent + ": " + uuid.NewString() + "\r\n"}, // of nobody
		{"GET /healthz", ""},
	} {
		for _, length := range []string{"Content-Length: 1000", "Transfer-Encoding: chunked"} {
			conn := f.socket(t)
			drip := "a"
			if strings.HasPrefix(length, "Transfer") {
				drip = "1\r\na\r\n"
			}
			all.Go(func() {
				answer := slow(t, conn, target.line+" HTTP/1.1\r\nHost: localhost\r\n"+target.headers+length+"\r\n\r\n", drip, bodyTime)
				if strings.HasPrefix(answer, "HTTP/1.1 5") {
					t.Errorf("%s: %.40q", target.line, answer)
				}
			})
		}
	}
	all.Wait()
}

// endlessSize is where a body ends, for the test's sake, long after it should have been refused.
const endlessSize = 48 * mebibyte

// endless sends a body of blanks until the answer is there, and gives the answer's status and how much was sent. It does
// both at once: a server that refuses closes, and that reaches a client that only writes as an error.
func (f *Fleet) endless(t *testing.T, bearer, method, path string) (status int, sent int64) {
	t.Helper()
	conn := f.socket(t)
	var sending sync.WaitGroup
	sending.Go(func() {
		chunk := fmt.Sprintf("%x\r\n%s\r\n", mebibyte, strings.Repeat(" ", mebibyte))
		_, err := fmt.Fprintf(conn, "%s /api/v1%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
			method, path, bearer)
		for err == nil && sent < endlessSize {
			var n int
			n, err = io.WriteString(conn, chunk)
			sent += int64(n)
		}
	})
	conn.SetReadDeadline(time.Now().Add(Patience))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	} else {
		response.Body.Close()
		status = response.StatusCode
	}
	conn.SetWriteDeadline(time.Now()) // whatever is still being sent
	sending.Wait()
	return status, sent
}

// bodiesOverTheLimit puts such a body to every call that takes one, as the administrator who may do all.
func bodiesOverTheLimit(t *testing.T, f *Fleet, here *side) {
	refuse := func(op operation, path string, wanted ...int) {
		status, sent := f.endless(t, here.admin, op.method, path)
		if !slices.Contains(wanted, status) {
			t.Errorf("%s %s: %d, want one of %d", op.method, path, status, wanted)
		}
		if sent >= endlessSize {
			t.Errorf("%s %s: all of %d bytes were read", op.method, path, endlessSize)
		}
	}
	called := 0
	for _, op := range operations(t, f.Admin, f) {
		if !op.hasBody {
			continue
		}
		called++
		path := op.path
		for strings.Contains(path, "{") {
			before, rest, _ := strings.Cut(path, "{")
			_, after, _ := strings.Cut(rest, "}")
			path = before + uuid.NewString() + after
		}
		// 403: what the administrator must first show a second factor for is refused before its body is looked at.
		refuse(op, path, http.StatusRequestEntityTooLarge, http.StatusBadRequest, http.StatusForbidden)
	}
	if called < 8 {
		t.Errorf("only %d calls take a body: is the description complete?", called)
	}
	refuse(operation{method: http.MethodPost}, "/agent/enroll", http.StatusForbidden) // like any wrong secret
}

// readerThatStops asks for a large stream and reads nothing of it. The server gives it up, and it never learns the end.
func readerThatStops(t *testing.T, f *Fleet, here *side) {
	const parts = 8
	a := f.impostor(t, "acme", plainFacts)
	w := f.connect(t, a, plainFacts)
	Eventually(t, "the agent is online", func() error {
		got, err := client.Get[client.Agent](t.Context(), here.acme, "/agents/"+a.ID.String(), nil)
		if err == nil && got.Status != "online" {
			err = errors.New(got.Status)
		}
		return err
	})
	var asked struct{ ID string }
	if err := here.acme.Do(t.Context(), http.MethodPost, "/live-queries", nil, map[string]any{"sql": "SELECT name FROM processes", "target": map[string]any{"agent_ids": []string{a.ID.String()}}}, &asked); err != nil {
		t.Fatal(err)
	}
	row := rowstest.Text([]string{strings.Repeat("x", protocol.CellMax)})
	for part := range parts {
		d := rowstest.Draft{Header: protocol.BatchHeader{Columns: []string{"name"}}, Added: row}
		root := d.Root()
		header := protocol.AnswerHeader{TenantID: a.TenantID.String(), AgentID: a.ID.String(), QueryID: asked.ID, Part: part, Timestamp: time.Now().UTC(),
			Columns: []string{"name"}, RowCount: 1, Root: root[:]}
		if part == parts-1 {
			header.Final, header.Outcome = true, protocol.OutcomeRows
		}
		signed, err := protocol.Sign(a.Key, protocol.PurposeAnswer, header)
		if err != nil {
			t.Fatal(err)
		}
		w.send(t, protocol.TypeAnswer, protocol.Answer{Header: signed, Rows: row})
	}
	Eventually(t, "the answer is stored", func() error {
		q, err := client.Get[client.LiveQuery](t.Context(), here.acme, "/live-queries/"+asked.ID, nil)
		if err == nil && q.State != "done" {
			err = fmt.Errorf("%s with %d rows", q.State, q.Rows)
		}
		return err
	})
	request := "GET /api/v1/live-queries/" + asked.ID + "/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + here.bearer + "\r\n\r\n"
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			conn := f.narrow(t)
			if _, err := io.WriteString(conn, request); err != nil {
				t.Error(err)
				return
			}
			// Nothing is read until the server must have given up; then there is less than the whole.
			<-time.After(streamTime + lateness)
			conn.SetReadDeadline(time.Now().Add(lateness))
			text, err := io.ReadAll(conn)
			if isTimeout(err) {
				t.Error("the stream is still open")
			}
			if !bytes.HasPrefix(text, []byte("HTTP/1.1 200")) || bytes.Contains(text, []byte(`"done"`)) {
				t.Errorf("%d bytes were kept for a reader that had stopped: %.60q", len(text), text)
			}
		})
	}
	all.Wait()
}

// narrow is a connection whose end takes little before it is read.
func (f *Fleet) narrow(t *testing.T) *tls.Conn {
	t.Helper()
	plain, err := net.Dial("tcp", f.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { plain.Close() })
	if err := plain.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	return tls.Client(plain, f.trust(t))
}

// announcedBodies announces as much as the server may unpack at once and sends none of it; agents of another tenant go on.
func announcedBodies(t *testing.T, f *Fleet, _ *side) {
	a := f.impostor(t, "acme", plainFacts)
	other := f.impostor(t, "globex", plainFacts)
	stamp := time.Now().UTC().Format(time.RFC3339Nano)
	for range 8 {
		conn := f.socket(t)
		_, err := fmt.Fprintf(conn, "POST /api/v1/scan/result HTTP/1.1\r\nHost: localhost\r\n%s: %s\r\n%s: %s\r\n%s: %s\r\nContent-Length: %d\r\n\r\n{",
			protocol.HeaderAgent, a.ID, protocol.HeaderTimestamp, stamp, protocol.HeaderSignature, strings.Repeat("A", 86), protocol.InflatedMax)
		if err != nil {
			t.Fatal(err)
		}
	}
	started := time.Now()
	for range 20 {
		w := f.connect(t, other, plainFacts)
		w.conn.Close()
	}
	if took := time.Since(started); took > 2*lateness {
		t.Errorf("another tenant's agent needed %s for 20 connections", took)
	}
}
