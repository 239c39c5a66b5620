package registry

import (
	"testing"

	"github.com/tenantra/tenantra/agent/host"
)

func TestRegistryOfWindows(t *testing.T) {
	t.Parallel()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := Open(t.Context(), h)
	t.Cleanup(r.Close)
	key := r.Key(`HKEY_LOCAL_MACHINE\software\Microsoft\Windows NT\CurrentVersion`)
	if key == nil {
		t.Fatal("Windows does not know its version")
	}
	if key.Text("SystemRoot") == "" || len(key.Names()) == 0 || key.Written().IsZero() {
		t.Errorf("values %v, keys %v, written %v", key.Values(), key.Names(), key.Written())
	}
	if r.Key(`HKEY_LOCAL_MACHINE\SOFTWARE\No such key`) != nil {
		t.Error("a key that is not there was found")
	}
	if users := r.Key("HKEY_USERS"); len(users.Names()) == 0 {
		t.Error("no users")
	}
}
