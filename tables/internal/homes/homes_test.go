//go:build linux || darwin

package homes

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// userData is a table of users' data, for its uid column.
type userData struct {
	UID int64 `col:"uid" opt:"additional" doc:"User id."`
}

var table = tables.Define[userData](tables.Spec{Name: "user_data", Platforms: tables.AllPlatforms}, nil)

// machine makes a root with a home for the user that runs the test and one for another.
func machine(t *testing.T) (h *host.Host, home string) {
	t.Helper()
	root := t.TempDir()
	for _, dir := range []string{"etc", "home/me/.ssh", "home/other"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	passwd := "me:x:" + strconv.Itoa(os.Getuid()) + ":0::/home/me:/bin/sh\nother:x:4242:0::/home/other:/bin/sh\nnone:x:4243:0::/nonexistent:/bin/sh\nrel:x:4244:0::relative:/bin/sh\n"
	write(t, filepath.Join(root, "etc/passwd"), passwd)
	write(t, filepath.Join(root, "etc/shadow"), "secret")
	h, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h, filepath.Join(root, "home/me")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEachVisitsWhoIsAskedFor(t *testing.T) {
	t.Parallel()
	h, _ := machine(t)
	visited := func(equal map[string][]string) (names string) {
		err := Each(t.Context(), h, tabletest.Query(table, equal, nil), func(home *Home) error {
			names += home.User.Name + " "
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	if got := visited(nil); got != "me other " {
		t.Errorf("in an image all homes that exist, not %q", got)
	}
	if got := visited(map[string][]string{"uid": {"4242", "4243", "4244"}}); got != "other " {
		t.Errorf("by uid: %q", got)
	}
	stop := errors.New("enough")
	if err := Each(t.Context(), h, tabletest.Query(table, nil, nil), func(*Home) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("after a stop: %v", err)
	}
}

// What a user puts in the place of a file discloses nothing and holds nothing up (S34).
func TestHostileHome(t *testing.T) {
	t.Parallel()
	h, home := machine(t)
	write(t, filepath.Join(home, "plain"), "text")
	for name, target := range map[string]string{
		"inside": "plain", "absolute": "/etc/shadow", "climbing": "../../etc/shadow", "loop": "loop", "through": "plain/x",
	} {
		if err := os.Symlink(target, filepath.Join(home, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(home, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Create(filepath.Join(home, "huge")); err != nil || f.Truncate(ReadMax+1) != nil || f.Close() != nil {
		t.Fatal("cannot make a sparse file")
	}
	err := Each(t.Context(), h, tabletest.Query(table, map[string][]string{"uid": {strconv.Itoa(os.Getuid())}}, nil), func(me *Home) error {
		for _, name := range []string{"plain", "inside"} {
			if data, ok := me.Read(name); !ok || string(data) != "text" {
				t.Errorf("%s: %q, %v", name, data, ok)
			}
		}
		for _, name := range []string{"absolute", "climbing", "loop", "through", "pipe", "huge", ".ssh", "absent", "../other", "/etc/shadow"} {
			if data, ok := me.Read(name); ok {
				t.Errorf("%s was read: %q", name, data)
			}
		}
		me.User.UID++ // the files are another's now
		me.unpacker = foreign
		if _, err := me.read("plain"); !errors.Is(err, ErrForeign) {
			t.Errorf("a file of another user: %v", err)
		}
		if names := me.Directories("."); len(names) != 0 {
			t.Errorf("directories %v", names)
		}
		if entries := me.List("absolute"); entries != nil {
			t.Errorf("entries %v through a link", entries)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
