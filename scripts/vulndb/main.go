// Command vulndb lays the Go advisories of this folder out as a database that govulncheck reads without a network.
//
//	go run ./scripts/vulndb DIR
//
// It prints how old the snapshot is and warns beyond 60 days: a scan only knows what its database knows.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed go.jsonl.gz
var advisories []byte

// snapshot is the day of the source's commit; the records themselves carry no dates.
var snapshot = time.Date(2026, 8, 21, 0, 0, 0, 0, time.UTC)

const stale = 60 * 24 * time.Hour

// record is the part of an OSV record that the index needs.
type record struct {
	ID        string    `json:"id"`
	Modified  time.Time `json:"modified"`
	Withdrawn string    `json:"withdrawn"`
	Affected  []struct {
		Package struct {
			Name string `json:"name"`
		} `json:"package"`
		Ranges []struct {
			Events []struct {
				Fixed string `json:"fixed"`
			} `json:"events"`
		} `json:"ranges"`
	} `json:"affected"`
}

type moduleIndex struct {
	Path  string    `json:"path"`
	Vulns []vulnRef `json:"vulns"`
}

type vulnRef struct {
	ID       string    `json:"id"`
	Modified time.Time `json:"modified"`
	Fixed    string    `json:"fixed,omitempty"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./scripts/vulndb DIR")
		os.Exit(2)
	}
	if err := layOut(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "vulndb:", err)
		os.Exit(1)
	}
}

func layOut(dir string) error {
	for _, sub := range []string{"ID", "index"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return err
		}
	}
	packed, err := gzip.NewReader(bytes.NewReader(advisories))
	if err != nil {
		return err
	}
	modules := map[string][]vulnRef{}
	count := 0
	lines := bufio.NewScanner(packed)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("record %d: %w", count+1, err)
		}
		if r.ID == "" || strings.ContainsAny(r.ID, `/\`) {
			return fmt.Errorf("record %d: id %q", count+1, r.ID)
		}
		if r.Withdrawn != "" {
			continue
		}
		count++
		for _, a := range r.Affected {
			ref := vulnRef{ID: r.ID, Modified: r.Modified}
			for _, rng := range a.Ranges {
				for _, e := range rng.Events {
					if e.Fixed != "" {
						ref.Fixed = e.Fixed
					}
				}
			}
			modules[a.Package.Name] = append(modules[a.Package.Name], ref)
		}
		if err := os.WriteFile(filepath.Join(dir, "ID", r.ID+".json"), lines.Bytes(), 0o600); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	var index []moduleIndex
	for path, refs := range modules {
		index = append(index, moduleIndex{path, refs})
	}
	slices.SortFunc(index, func(a, b moduleIndex) int { return strings.Compare(a.Path, b.Path) })
	if err := writeJSON(filepath.Join(dir, "index", "modules.json"), index); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, "index", "db.json"), map[string]time.Time{"modified": snapshot}); err != nil {
		return err
	}
	age := time.Since(snapshot)
	fmt.Printf("Go advisories: %d records of %s, %d days old\n", count, snapshot.Format(time.DateOnly), int(age.Hours()/24))
	if age > stale {
		fmt.Printf("WARNING: older than %d days; renew scripts/vulndb/go.jsonl.gz\n", int(stale.Hours()/24))
	}
	return nil
}

func writeJSON(file string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
