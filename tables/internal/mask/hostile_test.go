package mask

import (
	"strings"
	"testing"
	"time"
)

// TestCommandLineOfHostileSize checks that the work grows with the text and not with its square.
func TestCommandLineOfHostileSize(t *testing.T) {
	t.Parallel()
	const size = 1 << 16
	for _, piece := range []string{"=", ":", "://", "://@", "a=b:c;", "token=", `="`, `='x`, "-----BEGIN ", "-----BEGIN PRIVATE KEY-----",
		"ghp_0123456789abcdefghijABCDEFGHIJ,", "eyJ", "eyJ.", "token ", "--token ", "curl -u ", "mysql -p", "key-", "A", "{\"token\":\"", "a/b:"} {
		text := "token " + strings.Repeat(piece, size/len(piece))
		began := time.Now()
		CommandLine(text)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("64 KiB of %q took %v", piece, took)
		}
	}
}
