// Package securitylist holds the product to its list of security tests: each number of the security model is named by a test, or
// stands here with the reason why there is none yet.
package securitylist

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const last = 60

// later says what does not exist yet, so that there is nothing to test.
var later = map[int]string{
	26: "the fleet sends no fixes",
	27: "fixes are texts to copy, and no template makes a script",
	28: "the fleet sends no fixes",
	30: "agents do not update themselves",
	50: "nobody signs in by SAML or OpenID Connect",
	56: "there are no reports and no archives of them",
}

var number = regexp.MustCompile(`\bS([1-9][0-9]?)\b`)

// TestEveryNumberHasATest fails for a number without a test, and for a reason that no longer holds.
func TestEveryNumberHasATest(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	named := map[int]string{}
	for _, dir := range []string{"agent", "fleet", "frameworks", "internal", "packs", "queries", "tables", "ui/e2e", "ui/src"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata") {
				return fs.SkipDir
			}
			name := entry.Name()
			if entry.IsDir() || !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, ".mjs") && !strings.Contains(name, ".test.ts") {
				return nil
			}
			text, err := os.ReadFile(path) // #nosec G304 -- a file of the repository
			if err != nil {
				return err
			}
			for _, match := range number.FindAllStringSubmatch(string(text), -1) {
				n, err := strconv.Atoi(match[1])
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				named[n] = path
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var missing []string
	for n := 1; n <= last; n++ {
		switch reason, waits := later[n]; {
		case named[n] == "" && !waits:
			missing = append(missing, fmt.Sprintf("S%d", n))
		case named[n] != "" && waits:
			t.Errorf("S%d is named by %s: take %q out of the list", n, named[n], reason)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no test names %s", strings.Join(missing, ", "))
	}
}
