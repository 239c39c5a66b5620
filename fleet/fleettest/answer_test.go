package fleettest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

const (
	answerPart = 16 // rows of a part, each of a cell as large as may be: 1 MiB
	parts      = 7
)

// TestAnswerOf100MegabytesStaysBounded: an agent answers a live query with 112 MiB, in parts that pack well. It is told to come
// again, or all of it is stored; the server's memory stays bounded and another tenant's requests are answered.
func TestAnswerOf100MegabytesStaysBounded(t *testing.T) {
	t.Parallel()
	f := Start(t)
	acme, globex := f.Tenant("acme"), f.Tenant("globex")
	a := f.impostor(t, "acme", plainFacts)
	w := f.connect(t, a, plainFacts)
	Eventually(t, "the agent is online", func() error {
		got, err := client.Get[client.Agent](t.Context(), acme, "/agents/"+a.ID.String(), nil)
		if err == nil && got.Status != "online" {
			err = errors.New(got.Status)
		}
		return err
	})
	var asked struct{ ID string }
	body := map[string]any{"sql": "SELECT name FROM processes", "wait_seconds": 600, "target": map[string]any{"agent_ids": []string{a.ID.String()}}}
	if err := acme.Do(t.Context(), http.MethodPost, "/live-queries", nil, body, &asked); err != nil {
		t.Fatal(err)
	}
	cells := make([][]string, answerPart)
	for i := range cells {
		cells[i] = []string{strings.Repeat("x", protocol.CellMax)}
	}
	say := func(w *wire, part int, final bool, cells [][]string) {
		t.Helper()
		draft := rowstest.Draft{Header: protocol.BatchHeader{Columns: []string{"name"}}, Added: rowstest.Text(cells...)}
		root := draft.Root()
		header := protocol.AnswerHeader{TenantID: a.TenantID.String(), AgentID: a.ID.String(), QueryID: asked.ID, Part: part, Timestamp: time.Now().UTC(),
			Columns: draft.Header.Columns, RowCount: len(cells), Root: root[:]}
		if final {
			header.Final, header.Outcome = true, protocol.OutcomeRows
		}
		signed, err := protocol.Sign(a.Key, protocol.PurposeAnswer, header)
		if err != nil {
			t.Fatal(err)
		}
		w.send(t, protocol.TypeAnswer, protocol.Answer{Header: signed, Rows: draft.Added})
	}
	before := f.rss(t)
	watch := watchOver(t, f, globex)
	for part := range parts {
		say(w, part, part == parts-1, cells)
	}
	// A quick server has the burst used up and refuses; one so slow that the budget grows meanwhile stores all of it.
	told := make(chan protocol.Error, 1)
	go func() {
		var refused protocol.Error
		if envelope, err := w.next(); err == nil && envelope.Type == protocol.TypeError && protocol.Decode(envelope.Body, &refused) == nil {
			told <- refused
		}
	}()
	Eventually(t, "the answer is refused or stored", func() error {
		select {
		case refused := <-told:
			if refused.Code != protocol.CodeBusy || refused.RetryMillis <= 0 {
				t.Errorf("refused with %+v, want %s and a time to come again", refused, protocol.CodeBusy)
			}
			return nil
		default:
		}
		q, err := client.Get[client.LiveQuery](t.Context(), acme, "/live-queries/"+asked.ID, nil)
		if err == nil && (q.State != "done" || q.Rows != parts*answerPart) {
			err = fmt.Errorf("%s with %d rows", q.State, q.Rows)
		}
		return err
	})
	peak, answered := watch()
	t.Logf("resident memory: %d MiB before, %d MiB at most; %d requests of the other tenant answered", before/mebibyte, peak/mebibyte, answered)
	if peak > before+growthMax+collectSlack {
		t.Errorf("the server grew from %d MiB to %d MiB", before/mebibyte, peak/mebibyte)
	}
	if answered == 0 {
		t.Error("no request of the other tenant was answered")
	}
}
