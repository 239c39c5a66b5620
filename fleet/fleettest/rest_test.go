package fleettest

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// stranger speaks to a fleet with nothing but HTTP and the requirements in hand, as curl would: the paths are those that they
// name, at the root.
type stranger struct {
	t     *testing.T
	web   *http.Client
	url   string
	token string
}

// call sends a request and gives the answer's text.
func (s *stranger) call(status int, method, path string, body any, headers map[string]string) string {
	s.t.Helper()
	text := ""
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		text = string(encoded)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := s.web.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode != status {
		s.t.Fatalf("%s %s: %s %.500s, want %d", method, path, response.Status, answer, status)
	}
	return string(answer)
}

// person calls with the access token.
func (s *stranger) person(status int, method, path string, body any) string {
	s.t.Helper()
	return s.call(status, method, path, body, map[string]string{"Authorization": "Bearer " + s.token})
}

// agent calls with an agent's signature.
func (s *stranger) agent(status int, a *rowstest.Agent, method, path string, body any) string {
	s.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			s.t.Fatal(err)
		}
	}
	stamp := time.Now().UTC().Format(time.RFC3339Nano)
	payload := protocol.RequestBytes(method, path, a.ID.String(), stamp, text)
	signature := ed25519.Sign(a.Key, protocol.SigningBytes(protocol.PurposeRequest, payload))
	return s.call(status, method, path, body, map[string]string{protocol.HeaderAgent: a.ID.String(), protocol.HeaderTimestamp: stamp,
		protocol.HeaderSignature: base64.RawURLEncoding.EncodeToString(signature)})
}

func parse[T any](t *testing.T, text string) (out T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %.500s", err, text)
	}
	return out
}

// TestThePathsOfTheRequirements walks the whole way by each path that the requirements name: sign in, who am I, tenants with
// pages, enrol, heartbeat, fetch work, trigger a scan, return its result, read it back, export it, and the configuration.
func TestThePathsOfTheRequirements(t *testing.T) {
	t.Parallel()
	f := Start(t)
	f.Tenant("acme")
	f.Do(http.MethodPost, "/tenants", "acme", map[string]any{"name": "Site", "slug": "acme-site", "plan": "pro"}, nil)
	f.Do(http.MethodPut, "/packs/curl", "acme", map[string]string{"yaml": "pack: curl\nqueries:\n  ports:\n    sql: SELECT port FROM listening_ports\n"}, nil)
	f.Do(http.MethodPut, "/schedules/curl", "acme", map[string]bool{"enabled": true}, nil)
	s := &stranger{t: t, web: f.web(t), url: f.URL}

	// P1: a session, and who it is of.
	s.call(http.StatusUnauthorized, http.MethodPost, "/auth/login", map[string]string{"email": "admin@acme.example", "password": "wrong"}, nil)
	s.call(http.StatusUnauthorized, http.MethodGet, "/me", nil, nil)
	signedIn := parse[map[string]any](t, s.call(http.StatusOK, http.MethodPost, "/auth/login", map[string]string{"email": "admin@acme.example", "password": passphrase}, nil))
	s.token, _ = signedIn["access_token"].(string)
	me := parse[struct {
		User        struct{ Email string }
		Tenant      struct{ ID, Slug string }
		Role        string
		Permissions []string
	}](t, s.person(http.StatusOK, http.MethodGet, "/me", nil))
	if me.User.Email != "admin@acme.example" || me.Tenant.Slug != "acme" || me.Role != "ADMIN" || len(me.Permissions) == 0 {
		t.Errorf("/me: %+v", me)
	}

	// P2: tenants by pages.
	type tenantsPage struct {
		Items      []struct{ Slug string }
		NextCursor string `json:"next_cursor"`
	}
	first := parse[tenantsPage](t, s.person(http.StatusOK, http.MethodGet, "/tenants?limit=1", nil))
	second := parse[tenantsPage](t, s.person(http.StatusOK, http.MethodGet, "/tenants?limit=1&cursor="+first.NextCursor, nil))
	if len(first.Items) != 1 || first.Items[0].Slug != "acme" || len(second.Items) != 1 || second.Items[0].Slug != "acme-site" || second.NextCursor != "" {
		t.Errorf("/tenants: %+v, then %+v", first, second)
	}

	// P6: enrol, heartbeat, work.
	a := f.impostor(t, "acme", plainFacts) // POST /agent/enroll at the root
	header, err := protocol.Sign(a.Key, protocol.PurposeHeartbeat, protocol.HeartbeatHeader{TenantID: a.TenantID.String(), AgentID: a.ID.String(), Timestamp: time.Now().UTC(), ConfigVersion: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.agent(http.StatusOK, a, http.MethodPost, "/agent/heartbeat", protocol.Heartbeat{Header: header})
	s.call(http.StatusForbidden, http.MethodGet, "/scan/queue", nil, nil)
	work := func() (commands []protocol.CommandHeader, bodies []string) {
		t.Helper()
		for _, c := range parse[protocol.QueueResponse](t, s.agent(http.StatusOK, a, http.MethodGet, "/scan/queue", nil)).Commands {
			var h protocol.CommandHeader
			if err := c.Header.Peek(&h); err != nil {
				t.Fatal(err)
			}
			commands, bodies = append(commands, h), append(bodies, string(c.Body))
		}
		return commands, bodies
	}
	commands, bodies := work()
	if len(commands) != 1 || commands[0].Kind != protocol.CommandConfig || !strings.Contains(bodies[0], "pack:curl/ports") {
		t.Fatalf("the first work is %+v", commands)
	}
	config := parse[struct {
		Config protocol.Config `json:"config"`
	}](t, s.person(http.StatusOK, http.MethodGet, "/agents/config/"+a.ID.String(), nil))
	if len(config.Config.Queries) == 0 {
		t.Error("/agents/config/{id} shows no queries")
	}
	Eventually(t, "the agent is online", func() error {
		found := parse[struct{ Status string }](t, s.person(http.StatusOK, http.MethodGet, "/api/v1/agents/"+a.ID.String(), nil))
		if found.Status != "online" {
			return fmt.Errorf("%+v", found)
		}
		return nil
	})

	// P17: a scan, and what comes of it. The payload carries signature, time, tenant and the scan's context.
	scan := parse[struct {
		ID            string
		ScanContextID string `json:"scan_context_id"`
	}](t, s.person(http.StatusCreated, http.MethodPost, "/scan/trigger", map[string]any{"packs": []string{"curl"}}))
	Eventually(t, "the scan is work", func() error {
		commands, bodies = work()
		for i, c := range commands {
			if c.Kind == protocol.CommandScan && strings.Contains(bodies[i], scan.ScanContextID) {
				return nil
			}
		}
		return fmt.Errorf("%+v", commands)
	})
	draft := a.Differential("pack:curl/ports", []string{"port"}, rowstest.Text([]string{"4711"}))
	draft.Header.ScanContextID = scan.ScanContextID
	result := map[string]any{"batches": []json.RawMessage{a.Sign(t, draft)}}
	for range 2 { // sent again it is acknowledged again, and stored once
		acks := parse[protocol.ResultResponse](t, s.agent(http.StatusOK, a, http.MethodPost, "/scan/result", result)).Acks
		if len(acks) != 1 || acks[0].Refused != nil {
			t.Errorf("the result is answered %+v", acks)
		}
	}
	forged := draft
	forged.Header.TenantID = "01990000-0000-7000-8000-000000000001"
	if answer := s.agent(http.StatusOK, a, http.MethodPost, "/scan/result", map[string]any{"batches": []json.RawMessage{a.Sign(t, forged)}}); !strings.Contains(answer, protocol.CodeForeignIdentity) {
		t.Errorf("another tenant's name in the payload: %s", answer)
	}
	Eventually(t, "the scan is done", func() error {
		got := parse[struct {
			State  string
			Counts map[string]int
		}](t, s.person(http.StatusOK, http.MethodGet, "/api/v1/scans/"+scan.ID, nil))
		if got.State != "done" || got.Counts["done"] != 1 {
			return fmt.Errorf("%+v", got)
		}
		return nil
	})
	for _, tenant := range []string{"acme", me.Tenant.ID} {
		if file := s.person(http.StatusOK, http.MethodGet, "/scan/export/"+tenant, nil); strings.Count(file, "4711") != 1 {
			t.Errorf("/scan/export/%s: %.500s", tenant, file)
		}
	}
	s.person(http.StatusNotFound, http.MethodGet, "/scan/export/root", nil)
	s.call(http.StatusUnauthorized, http.MethodGet, "/scan/export/acme", nil, nil)
}
