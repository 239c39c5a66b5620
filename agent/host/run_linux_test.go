package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
)

// TestNamesReachCommandsAsData is S36: whatever stands in a name of the scanned machine, a command gets it as one argument.
func TestNamesReachCommandsAsData(t *testing.T) {
	t.Setenv("TENANTRA_TEST_SECRET", "not for commands")
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(t.TempDir(), "made")
	names := []string{"a\nb", `quote " ' \`, "-rf", "--help", "$(touch " + made + ")", "`touch " + made + "`", "; touch " + made, "*", "%VAR%", "", "é\xff"}
	out, err := h.Run(t.Context(), append([]string{"/usr/bin/printf", `%s\0`}, names...)...)
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || strings.Join(got, "|") != strings.Join(names, "|") {
		t.Errorf("the command got %q, %v", got, err)
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("a name was run")
	}
	if out, err := h.Run(t.Context(), "/usr/bin/env"); err != nil || strings.Contains(string(out), "TENANTRA") {
		t.Errorf("the environment of commands: %s %v", out, err)
	}
	for _, name := range []string{"printf", "./printf", "usr/bin/printf"} {
		if _, err := h.Run(t.Context(), name, "x"); err == nil || !strings.Contains(err.Error(), "absolute path") {
			t.Errorf("%s was run: %v", name, err)
		}
	}
}

// Output and time of a command are bounded, and an image has no commands.
func TestCommandsAreBounded(t *testing.T) {
	t.Parallel()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := h.Run(t.Context(), "/usr/bin/head", "-c", "2000000", "/dev/zero"); err == nil || len(out) > 0 {
		t.Errorf("%d bytes of a long output, %v", len(out), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := h.Run(ctx, "/bin/sleep", "60"); err == nil {
		t.Error("a command outlived its time")
	}
	image, err := host.New(t.TempDir(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := image.Run(t.Context(), "/bin/true"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a command of an image: %v", err)
	}
}
