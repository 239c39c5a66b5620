package fleettest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantra/tenantra/fleet/client"
)

var update = flag.Bool("update", false, "write ui/openapi.json from what the server serves")

// TestTheConsoleKnowsTheAPI holds ui/openapi.json, of which the console's types are made, to what the server serves.
//
//	go test ./fleet/fleettest -run TestTheConsoleKnowsTheAPI -update && (cd ui && npm run types)
func TestTheConsoleKnowsTheAPI(t *testing.T) {
	t.Parallel()
	f := Start(t)
	served, err := client.Root[map[string]any](t.Context(), f.Admin, "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	(*served)["info"] = map[string]any{"title": "Tenantra", "version": "0"} // the server's version is no part of the contract
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(served); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "ui", "openapi.json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil { // #nosec G306 -- a file of the tree
			t.Fatal(err)
		}
		return
	}
	known, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(known, got.Bytes()) {
		t.Error("ui/openapi.json is not what the server serves: run this test with -update, then npm run types in ui/")
	}
}
