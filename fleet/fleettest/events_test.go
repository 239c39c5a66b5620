package fleettest

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/tables"
)

// TestEventsFromAPackToALiveQuery is the guide's example, through public doors only: a pack names paths, a file is touched on
// the endpoint, a live query shows it, and the scheduled query tells it.
func TestEventsFromAPackToALiveQuery(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("files are watched on Linux")
	}
	guide, err := os.ReadFile("../../docs/howto/record-events.md")
	if err != nil {
		t.Fatal(err)
	}
	pack, live := fenced(t, string(guide), "yaml"), fenced(t, string(guide), "sql")
	folder := t.TempDir()
	pack = strings.ReplaceAll(pack, "/srv/watched", folder)
	if strings.Count(pack, folder) < 4 {
		t.Fatal("the guide's example watches another folder")
	}
	f := Start(t)
	admin := f.Tenant("acme")
	f.Do(http.MethodPut, "/packs/watched-files", "acme", map[string]string{"yaml": pack}, nil)
	f.Do(http.MethodPut, "/schedules/watched-files", "acme", map[string]bool{"enabled": true}, nil)
	agent := f.Agent("acme", "event-host")

	// ask gives how many rows a live query has.
	ask := func(sql string) (int64, error) {
		var asked struct{ ID string }
		body := map[string]any{"sql": sql, "target": map[string]any{"agent_ids": []string{agent.ID}}}
		if err := admin.Do(t.Context(), http.MethodPost, "/live-queries", nil, body, &asked); err != nil {
			return 0, err
		}
		var q *client.LiveQuery
		Eventually(t, "the live query ends", func() error {
			var err error
			if q, err = client.Get[client.LiveQuery](t.Context(), admin, "/live-queries/"+asked.ID, nil); err == nil && q.State != "done" {
				err = fmt.Errorf("%s: %v", q.State, q.Counts)
			}
			return err
		})
		return q.Rows, nil
	}
	wantRows := func(what, sql string) {
		t.Helper()
		Eventually(t, what, func() error {
			n, err := ask(sql)
			if err == nil && n == 0 {
				err = fmt.Errorf("no row: %s", sql)
			}
			return err
		})
	}
	wantRows("the agent watches", "SELECT 1 FROM tenantra_events WHERE name = 'file_events' AND active = 1 AND subscriptions > 0")
	file := filepath.Join(folder, "touched")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantRows("the live query shows the file", strings.TrimRight(live, "; \n")+" WHERE target_path = '"+file+"' AND action = 'CREATED'")
	if err := os.WriteFile(filepath.Join(folder, "left.tmp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	Eventually(t, "the fleet has what the scheduled query told", func() error {
		page, err := client.Get[struct {
			Rows [][]tables.Value `json:"rows"`
		}](t.Context(), admin, "/agents/"+agent.ID+"/collections/"+url.PathEscape("pack:watched-files/changes")+"/rows", nil)
		if err != nil {
			return err
		}
		told := fmt.Sprint(page.Rows)
		if strings.Contains(told, "left.tmp") {
			t.Fatal("an excluded file is told")
		}
		if !strings.Contains(told, file) || !strings.Contains(told, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824") {
			return fmt.Errorf("told: %s", told)
		}
		return nil
	})
}

// fenced gives the first block of a language in a text.
func fenced(t *testing.T, text, language string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "```"+language+"\n")
	block, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatalf("the guide has no example in %s", language)
	}
	return block
}
