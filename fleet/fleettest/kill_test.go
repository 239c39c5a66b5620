package fleettest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { Main(m) }

const kills = 12

// TestNothingIsLostOrDoubledByKills is S19 on the whole product: while files come and go in a folder that a scheduled query
// lists every second, agent, server and PostgreSQL are killed at any moment. In the end the fleet knows exactly the files
// that are there, and each past state that was told stays told.
func TestNothingIsLostOrDoubledByKills(t *testing.T) {
	t.Parallel()
	f := Start(t)
	admin := f.Tenant("acme")
	folder := t.TempDir()
	pack := fmt.Sprintf("pack: counter\ndescription: Files of a folder.\nqueries:\n  files:\n    sql: SELECT filename FROM file WHERE directory = '%s'\n    interval: 1s\n", folder)
	f.Do(http.MethodPut, "/packs/counter", "acme", map[string]string{"yaml": pack}, nil)
	f.Do(http.MethodPut, "/schedules/counter", "acme", map[string]bool{"enabled": true}, nil)
	agent := f.Agent("acme", "kill-host")

	want := map[string]bool{}
	made := 0
	random := rand.New(rand.NewPCG(1, 2)) //lint:allow imports a fixed seed makes the order of kills repeatable
	// change makes a few files and removes one.
	change := func() {
		for range 1 + random.IntN(4) {
			made++
			name := fmt.Sprintf("c%06d", made)
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			want[name] = true
		}
		if names := slices.Sorted(maps.Keys(want)); len(names) > 3 {
			gone := names[random.IntN(len(names))]
			if err := os.Remove(filepath.Join(folder, gone)); err != nil {
				t.Fatal(err)
			}
			delete(want, gone)
		}
	}
	known := func() error { return knows(t, admin, agent.ID, "pack:counter/files", want) }
	change()
	Eventually(t, "the first files are known", known)
	for i := range kills {
		change()
		// Half of the kills come at once, half when the change is through: between the two lies every step of the way.
		if i%2 == 1 {
			Eventually(t, fmt.Sprintf("files before kill %d", i), known)
			change()
		}
		switch i % 3 {
		case 0:
			agent.Kill()
			change()
			agent.Restart()
		case 1:
			f.Kill()
			change()
			f.Restart()
		case 2:
			f.KillDatabase()
			change()
		}
	}
	Eventually(t, "files after all kills", known)
	Eventually(t, "audit chain", func() error {
		proof, err := client.Get[client.AuditProof](t.Context(), admin, "/audit/verify", nil)
		if err == nil && !proof.OK {
			t.Fatalf("the audit chain is broken at %d: %s", proof.FirstBadSeq, proof.Reason)
		}
		return err
	})
}

// knows tells what is wrong with the rows of a collection, each of which has one cell.
func knows(t *testing.T, c *client.Client, agent, collection string, want map[string]bool) error {
	seen := map[string]bool{}
	query := url.Values{"limit": {"500"}}
	for {
		page, err := client.Get[struct {
			Rows       [][]tables.Value `json:"rows"`
			NextCursor string           `json:"next_cursor"`
		}](t.Context(), c, "/agents/"+agent+"/collections/"+url.PathEscape(collection)+"/rows", query)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			name := row[0].Text
			if seen[name] {
				t.Fatalf("%s is stored twice", name)
			}
			seen[name] = true
		}
		if page.NextCursor == "" {
			break
		}
		query.Set("cursor", page.NextCursor)
	}
	for name := range want {
		if !seen[name] {
			return fmt.Errorf("%s is missing; %d of %d are known", name, len(seen), len(want))
		}
	}
	if len(seen) != len(want) {
		return fmt.Errorf("%d files are known, there are %d", len(seen), len(want))
	}
	return nil
}
