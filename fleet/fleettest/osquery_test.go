package fleettest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
)

// osqueryd speaks osquery's remote API as its documentation tells.
type osqueryd struct {
	t    *testing.T
	web  *http.Client
	url  string
	host string
	key  string
}

// post sends a request and gives status and answer.
func (o *osqueryd) post(path string, body any) (int, map[string]any) {
	o.t.Helper()
	text, isText := body.(string)
	if !isText {
		encoded, err := json.Marshal(body)
		if err != nil {
			o.t.Fatal(err)
		}
		text = string(encoded)
	}
	return o.send(path, "", strings.NewReader(text))
}

func (o *osqueryd) send(path, encoding string, body io.Reader) (int, map[string]any) {
	o.t.Helper()
	request, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.url+"/api/v1/osquery/"+path, body)
	if err != nil {
		o.t.Fatal(err)
	}
	if encoding != "" {
		request.Header.Set("Content-Encoding", encoding)
	}
	response, err := o.web.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		o.t.Fatalf("%s: %s: %v", path, response.Status, err)
	}
	return response.StatusCode, answer
}

func (o *osqueryd) enrolBody(secret string) map[string]any {
	return map[string]any{"enroll_secret": secret, "host_identifier": o.host, "platform_type": "9", "host_details": map[string]any{
		"os_version":   map[string]string{"name": "Debian GNU/Linux", "version": "12 (bookworm)", "platform": "debian", "arch": "x86_64"},
		"osquery_info": map[string]string{"version": "5.12.1"},
		"system_info":  map[string]string{"hostname": o.host, "uuid": o.host}}}
}

// osqueryd enrols a node.
func (f *Fleet) osqueryd(t *testing.T, tenant, host string) *osqueryd {
	t.Helper()
	o := &osqueryd{t: t, web: f.web(t), url: f.URL, host: host}
	status, answer := o.post("enroll", o.enrolBody(f.secret(t, tenant, 1).Secret))
	o.key, _ = answer["node_key"].(string)
	if status != http.StatusOK || len(o.key) < 40 || answer["node_invalid"] != false {
		t.Fatalf("enrolment: %d %v", status, answer)
	}
	return o
}

// config gives the name under which each collection is scheduled, and the options.
func (o *osqueryd) config() (names map[string]string, options map[string]any) {
	o.t.Helper()
	status, answer := o.post("config", map[string]string{"node_key": o.key})
	schedule, ok := answer["schedule"].(map[string]any)
	if status != http.StatusOK || !ok {
		o.t.Fatalf("config: %d %v", status, answer)
	}
	names = map[string]string{}
	for name := range schedule {
		collection, _, _ := strings.Cut(name, "#")
		names[collection] = name
	}
	options, _ = answer["options"].(map[string]any)
	return names, options
}

// log posts lines of results and wants them taken.
func (o *osqueryd) log(lines ...map[string]any) {
	o.t.Helper()
	for _, l := range lines {
		l["hostIdentifier"] = o.host
	}
	status, answer := o.post("log", map[string]any{"node_key": o.key, "log_type": "result", "data": lines})
	if status != http.StatusOK || answer["node_invalid"] != nil {
		o.t.Fatalf("log: %d %v", status, answer)
	}
}

// TestOsqueryd has stock osqueryds be agents.
func TestOsqueryd(t *testing.T) {
	t.Parallel()
	f := Start(t)
	admin, other := f.Tenant("acme"), f.Tenant("globex")
	f.Do(http.MethodPut, "/packs/osq", "acme", map[string]string{"yaml": "pack: osq\nqueries:\n" +
		"  people:\n    sql: SELECT uid, username FROM users\n    interval: 1h\n" +
		"  kernel:\n    sql: SELECT version FROM kernel_info\n    interval: 1h\n    mode: snapshot\n" +
		"  own:\n    sql: SELECT * FROM kernel_hardening\n    platforms: [linux]\n    interval: 1h\n"}, nil)
	f.Do(http.MethodPut, "/schedules/osq", "acme", map[string]bool{"enabled": true}, nil)
	o := f.osqueryd(t, "acme", "osq-host")
	names, options := o.config()
	people, kernel := names["pack:osq/people"], names["pack:osq/kernel"]
	if people == "" || kernel == "" || names["pack:osq/own"] != "" || options["schedule_epoch"] == nil {
		t.Fatalf("the schedule has %v, options %v", names, options)
	}
	agents, err := drain(client.List[client.Agent](t.Context(), admin, "/agents", nil))
	if err != nil || len(agents) != 1 || agents[0].Hostname != "osq-host" || agents[0].Platform != "linux" || agents[0].Version != "osquery 5.12.1" {
		t.Fatalf("agents: %+v, %v", agents, err)
	}
	agent := agents[0].ID
	Eventually(t, "the node is online and its log says what is left out", func() error {
		a, err := client.Get[client.Agent](t.Context(), admin, "/agents/"+agent, nil)
		if err == nil && a.Status != "online" {
			err = errors.New(a.Status)
		}
		if err != nil {
			return err
		}
		lines, err := drain(client.List[struct{ Code, Message string }](t.Context(), admin, "/agents/"+agent+"/log", url.Values{"code": {"osquery_left_out"}}))
		if err == nil && len(lines) == 0 {
			err = errors.New("nothing is noted")
		}
		return err
	})
	wantRows := func(collection string, want ...string) {
		t.Helper()
		page, err := client.Get[struct{ Rows [][]any }](t.Context(), admin, "/agents/"+agent+"/collections/"+url.PathEscape(collection)+"/rows", nil)
		got := []string{}
		for _, row := range page.Rows {
			got = append(got, fmt.Sprintf("%v", row))
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s holds %v, %v, want %v", collection, got, err, want)
		}
	}
	t.Run("results of every format are stored once", func(t *testing.T) {
		epoch := options["schedule_epoch"]
		event := func(counter int, action, uid, name string) map[string]any {
			return map[string]any{"name": people, "epoch": epoch, "counter": counter, "action": action, "unixTime": 1, "columns": map[string]string{"uid": uid, "username": name}}
		}
		first := []map[string]any{event(0, "added", "0", "root"), event(0, "added", "1000", "ann")}
		o.log(first...)
		o.log(first...)
		wantRows("pack:osq/people", "[0 root]", "[1000 ann]")
		change := map[string]any{"name": people, "epoch": epoch, "counter": 9, "diffResults": map[string]any{
			"added": []map[string]string{{"uid": "1001", "username": "bob"}}, "removed": []map[string]string{{"uid": "1000", "username": "ann"}}}}
		o.log(change)
		o.log(first...)
		o.log(change)
		wantRows("pack:osq/people", "[0 root]", "[1001 bob]")
		o.log(map[string]any{"name": kernel, "epoch": epoch, "counter": 0, "action": "snapshot", "snapshot": []map[string]string{{"version": "6.1"}}})
		o.log(map[string]any{"name": "pack/osq/kernel", "epoch": epoch, "counter": 1, "action": "snapshot", "snapshot": []map[string]string{{"version": "6.2"}}})
		wantRows("pack:osq/kernel", "[6.2]")
		o.log(map[string]any{"name": "nobody's", "action": "added", "columns": map[string]string{"a": "b"}}) // taken, or it would come for ever
	})
	t.Run("a live query is answered once", func(t *testing.T) {
		var asked struct{ ID string }
		if err := admin.Do(t.Context(), http.MethodPost, "/live-queries", nil, map[string]any{"sql": "SELECT uid, username FROM users", "target": map[string]any{"agent_ids": []string{agent}}}, &asked); err != nil {
			t.Fatal(err)
		}
		read := func() map[string]any {
			_, answer := o.post("distributed/read", map[string]string{"node_key": o.key})
			queries, _ := answer["queries"].(map[string]any)
			return queries
		}
		Eventually(t, "the node is asked", func() error {
			if q := read(); q[asked.ID] != "SELECT uid, username FROM users" {
				return fmt.Errorf("asked %v", q)
			}
			return nil
		})
		if again := read(); len(again) != 0 {
			t.Errorf("asked again: %v", again)
		}
		for range 2 {
			status, answer := o.post("distributed/write", map[string]any{"node_key": o.key, "statuses": map[string]any{asked.ID: "0", "foreign": 0},
				"queries": map[string]any{asked.ID: []map[string]string{{"uid": "7", "username": "eve"}}}, "messages": map[string]string{asked.ID: ""}})
			if status != http.StatusOK {
				t.Fatalf("write: %d %v", status, answer)
			}
		}
		Eventually(t, "the campaign ends", func() error {
			q, err := client.Get[client.LiveQuery](t.Context(), admin, "/live-queries/"+asked.ID, nil)
			if err == nil && (q.State != "done" || q.Rows != 1 || q.Counts["with_rows"] != 1) {
				err = fmt.Errorf("%+v", q)
			}
			return err
		})
		if err := admin.Do(t.Context(), http.MethodPost, "/live-queries", nil, map[string]any{"sql": "SELECT 1 AS x", "target": map[string]any{"agent_ids": []string{agent}}}, &asked); err != nil {
			t.Fatal(err)
		}
		Eventually(t, "the node is asked", func() error {
			if q := read(); q[asked.ID] == nil {
				return fmt.Errorf("asked %v", q)
			}
			return nil
		})
		o.post("distributed/write", map[string]any{"node_key": o.key, "statuses": map[string]any{asked.ID: 1}, "queries": map[string]any{asked.ID: []string{}}, "messages": map[string]string{asked.ID: "no such column"}})
		Eventually(t, "the failure is in the ledger", func() error {
			q, err := client.Get[client.LiveQuery](t.Context(), admin, "/live-queries/"+asked.ID, nil)
			if err == nil && q.Counts["failed"] != 1 {
				err = fmt.Errorf("%+v", q)
			}
			return err
		})
	})
	t.Run("a scan asks the node for its schedule", func(t *testing.T) {
		var scan struct{ ID string }
		if err := admin.Do(t.Context(), http.MethodPost, "/scan/trigger", nil, map[string]any{"packs": []string{"osq"}, "target": map[string]any{"agent_ids": []string{agent}}}, &scan); err != nil {
			t.Fatal(err)
		}
		asked := map[string]string{}
		Eventually(t, "the node is asked", func() error {
			_, answer := o.post("distributed/read", map[string]string{"node_key": o.key})
			queries, _ := answer["queries"].(map[string]any)
			for id, sql := range queries {
				asked[id] = fmt.Sprint(sql)
			}
			if len(asked) < 2 {
				return fmt.Errorf("asked %v", asked)
			}
			return nil
		})
		askPeople, askKernel := "scan:"+scan.ID+"/pack:osq/people", "scan:"+scan.ID+"/pack:osq/kernel"
		if asked[askPeople] != "SELECT uid, username FROM users" || asked[askKernel] != "SELECT version FROM kernel_info" || len(asked) != 2 {
			t.Fatalf("asked %v", asked)
		}
		foreign := "scan:" + scan.ID + "/pack:osq/nothing"
		if status, answer := o.post("distributed/write", map[string]any{"node_key": o.key, "statuses": map[string]any{askPeople: 0, askKernel: 1, foreign: 0}, "messages": map[string]string{askKernel: "no such table"},
			"queries": map[string]any{askPeople: []map[string]string{{"uid": "0", "username": "root"}, {"uid": "1001", "username": "bob"}, {"uid": "8", "username": "dan"}}, foreign: []map[string]string{{"a": "b"}}}}); status != http.StatusOK {
			t.Fatalf("%d %v", status, answer)
		}
		wantRows("pack:osq/people", "[0 root]", "[1001 bob]", "[8 dan]")
		wantRows("pack:osq/kernel", "[6.2]")
		Eventually(t, "the scan ends", func() error {
			got, err := client.Get[client.Scan](t.Context(), admin, "/scans/"+scan.ID, nil)
			if err == nil && got.State != "done" {
				err = fmt.Errorf("%+v", got)
			}
			return err
		})
		results, err := drain(client.List[struct {
			Collection string `json:"collection"`
			StatusCode int    `json:"status_code"`
			Log        string `json:"execution_log"`
			Rows       int    `json:"rows"`
		}](t.Context(), admin, "/scans/"+scan.ID+"/results", nil))
		if err != nil || len(results) != 3 {
			t.Fatalf("%+v, %v", results, err)
		}
		for _, r := range results {
			want := map[string]string{"pack:osq/people": "0 3 ", "pack:osq/kernel": "1 0 no such table", "pack:osq/own": "1 0 osquery has no "}[r.Collection]
			if got := fmt.Sprintf("%d %d %s", r.StatusCode, r.Rows, r.Log); !strings.HasPrefix(got, want) || want == "" {
				t.Errorf("%s: %q, want %q", r.Collection, got, want)
			}
		}
		// What the node compares with its last run by itself counts for nothing until it tells the whole anew.
		stale := map[string]any{"name": people, "epoch": options["schedule_epoch"], "counter": 12, "action": "added", "columns": map[string]string{"uid": "8", "username": "dan"}}
		o.log(stale)
		wantRows("pack:osq/people", "[0 root]", "[1001 bob]", "[8 dan]")
		_, now := o.config()
		o.log(map[string]any{"name": people, "epoch": now["schedule_epoch"], "counter": 0, "diffResults": map[string]any{
			"added": []map[string]string{{"uid": "0", "username": "root"}, {"uid": "1001", "username": "bob"}}, "removed": []map[string]string{}}})
		wantRows("pack:osq/people", "[0 root]", "[1001 bob]")
	})
	t.Run("what does not hold is refused", func(t *testing.T) {
		stranger := *o
		stranger.t = t
		for _, key := range []string{"", "guessed", strings.Repeat("a", 43), strings.Repeat("a", 5000)} {
			for _, path := range []string{"config", "log", "distributed/read", "distributed/write"} {
				body := map[string]any{"node_key": key}
				if path == "log" {
					body["log_type"], body["data"] = "result", []any{}
				}
				if status, answer := stranger.post(path, body); status != http.StatusOK || answer["node_invalid"] != true {
					t.Errorf("%s with the key %.10q: %d %v", path, key, status, answer)
				}
			}
		}
		for _, secret := range []string{"", "wrong", strings.Repeat("x", 1000)} {
			if status, answer := stranger.post("enroll", stranger.enrolBody(secret)); status != http.StatusOK || answer["node_invalid"] != true || answer["node_key"] != nil {
				t.Errorf("enrolment with the secret %.10q: %d %v", secret, status, answer)
			}
		}
		for _, text := range []string{"", "{", "[]", `{"node_key":1}`, `{} {}`} {
			if status, answer := stranger.post("log", text); status != http.StatusBadRequest || answer["error"] == nil {
				t.Errorf("log of %q: %d %v", text, status, answer)
			}
		}
		if status, _ := stranger.post("config", `{"node_key":"`+strings.Repeat("a", 20<<10)+`"}`); status != http.StatusRequestEntityTooLarge {
			t.Errorf("a config request of 20 KiB: %d", status)
		}
		var bomb bytes.Buffer
		packed := gzip.NewWriter(&bomb)
		for range 40 {
			packed.Write(make([]byte, 1<<20)) // a buffer takes all
		}
		packed.Close()
		if status, _ := stranger.send("log", "gzip", &bomb); status != http.StatusRequestEntityTooLarge {
			t.Errorf("40 MiB in a small gzip body: %d", status)
		}
	})
	t.Run("another tenant's node sees and changes nothing of it", func(t *testing.T) {
		foreign := f.osqueryd(t, "globex", "osq-foreign")
		if names, _ := foreign.config(); names["pack:osq/people"] != "" {
			t.Error("globex's node gets acme's pack")
		}
		foreign.log(map[string]any{"name": people, "counter": 0, "action": "added", "columns": map[string]string{"uid": "1", "username": canary}})
		var asked struct{ ID string }
		if err := admin.Do(t.Context(), http.MethodPost, "/live-queries", nil, map[string]any{"sql": "SELECT 2 AS x", "target": map[string]any{"agent_ids": []string{agent}}}, &asked); err != nil {
			t.Fatal(err)
		}
		if _, answer := foreign.post("distributed/read", map[string]string{"node_key": foreign.key}); len(answer["queries"].(map[string]any)) != 0 {
			t.Errorf("globex's node is asked %v", answer)
		}
		foreign.post("distributed/write", map[string]any{"node_key": foreign.key, "statuses": map[string]int{asked.ID: 0}, "queries": map[string]any{asked.ID: []map[string]string{{"x": canary}}}})
		if q, err := client.Get[client.LiveQuery](t.Context(), admin, "/live-queries/"+asked.ID, nil); err != nil || q.Rows != 0 {
			t.Errorf("acme's live query: %+v, %v", q, err)
		}
		if err := other.Do(t.Context(), http.MethodGet, "/agents/"+agent, nil, nil, nil); err == nil {
			t.Error("globex sees acme's node")
		}
		wantRows("pack:osq/people", "[0 root]", "[1001 bob]")
	})
	t.Run("a revoked node has to enrol again", func(t *testing.T) {
		if err := admin.Do(t.Context(), http.MethodPost, "/agents/"+agent+"/revoke", nil, nil, nil); err != nil {
			t.Fatal(err)
		}
		Eventually(t, "the key is refused", func() error {
			if _, answer := o.post("config", map[string]string{"node_key": o.key}); answer["node_invalid"] != true {
				return fmt.Errorf("%v", answer)
			}
			return nil
		})
	})
}
