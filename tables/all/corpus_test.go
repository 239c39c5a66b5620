package all

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// TestQueriesOfThePublicPacksCompile compiles each query that the public packs have for macOS and for Windows, on the whole
// catalogue, whether or not this build has the generators.
func TestQueriesOfThePublicPacksCompile(t *testing.T) {
	t.Parallel()
	for _, platform := range []tables.Platforms{tables.Darwin, tables.Windows} {
		t.Run(platform.String(), func(t *testing.T) {
			t.Parallel()
			compilePacks(t, platform)
		})
	}
}

func compilePacks(t *testing.T, platform tables.Platforms) {
	file, err := os.Open("../../../shared/corpus/osquery-packs.jsonl")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the public packs are not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	e := newEngine(t, engine.Options{Platform: platform})
	compiled, all := 0, 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var query struct {
			ID, SQL string
			Core    []string
		}
		if err := json.Unmarshal(lines.Bytes(), &query); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(query.Core, platform.String()) {
			continue
		}
		all++
		if _, err := e.Check(query.SQL); err != nil {
			t.Errorf("%s: %v", query.ID, err)
			continue
		}
		compiled++
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d queries compile", compiled, all)
	if all == 0 {
		t.Error("the packs have no query for this platform")
	}
}
