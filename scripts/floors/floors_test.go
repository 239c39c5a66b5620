// Package floors holds the lowest versions of dependencies that the security model allows.
package floors

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// floors are versions below which a known flaw would reach us. A module that we do not use needs none.
var floors = map[string]string{
	"github.com/jackc/pgx/v5":                 "v5.9.2",
	"github.com/expr-lang/expr":               "v1.17.7",
	"github.com/golang-jwt/jwt/v5":            "v5.2.2",
	"github.com/crewjam/saml":                 "v0.4.14",
	"github.com/russellhaering/goxmldsig":     "v1.6.0",
	"github.com/nats-io/nats-server/v2":       "v2.12.6",
	"github.com/klauspost/compress":           "v1.18.7",
	"github.com/wneessen/go-mail":             "v0.7.1",
	"github.com/cilium/ebpf":                  "v0.22.0",
	"github.com/theupdateframework/go-tuf/v2": "v2.4.1",
	"golang.org/x/crypto":                     "v0.52.0",
	"golang.org/x/net":                        "v0.56.0",
}

func TestDependenciesAreAtTheirFloors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	libc, sqlite := "", ""
	for _, r := range file.Require {
		if floor, ok := floors[r.Mod.Path]; ok {
			checked++
			if semver.Compare(r.Mod.Version, floor) < 0 {
				t.Errorf("%s is %s, below the floor %s", r.Mod.Path, r.Mod.Version, floor)
			}
		}
		switch r.Mod.Path {
		case "modernc.org/libc":
			libc = r.Mod.Version
		case "modernc.org/sqlite":
			sqlite = r.Mod.Version
		}
	}
	if checked < 5 {
		t.Errorf("only %d of the floors' modules are in go.mod: are the names right?", checked)
	}
	// SQLite is translated for exactly one libc.
	if sqlite != "v1.62.0" || libc != "v1.80.1" {
		t.Errorf("sqlite %s with libc %s: libc must be the version in sqlite's own go.mod; change this test with both", sqlite, libc)
	}
	for _, r := range file.Replace {
		t.Errorf("go.mod replaces %s: what is built must be what is published", strings.TrimSpace(r.Old.Path))
	}
}
