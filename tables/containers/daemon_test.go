package containers

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// daemonHost makes a scanned machine on which handler answers on a Unix socket. The directory is made by hand because the
// path of a socket is short and a test's own directory is not.
func daemonHost(t testing.TB, socket string, handler http.Handler) tables.Host {
	t.Helper()
	root, err := os.MkdirTemp("", "d")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(root, socket)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	h, err := host.NewImage(root, tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return clockHost{h}
}

// clockHost has the clock of the fixtures.
type clockHost struct{ tables.Host }

func (clockHost) Now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// recorded answers a request by the file that is named as its path, each / written as _; what is not there is not found.
func recorded(t testing.TB, dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.ReplaceAll(strings.Trim(r.URL.Path, "/"), "/", "_")
		if strings.HasSuffix(name, "_top") && strings.HasSuffix(r.URL.Query().Get("ps_args"), "comm") {
			name += "_names"
		}
		text, err := os.ReadFile(filepath.Join(dir, name+".json"))
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(map[string]string{"message": "no such object"})
			return
		}
		if _, err := w.Write(text); err != nil {
			t.Error(err)
		}
	})
}

// runRecorded tests tables on a daemon with the answers of testdata/<daemon>; testdata/<table>/<case> holds query and rows.
func runRecorded(t *testing.T, daemon, socket string, list ...*tables.Table) {
	h := daemonHost(t, socket, recorded(t, filepath.Join("testdata", daemon)))
	for _, table := range list {
		cases, err := os.ReadDir(filepath.Join("testdata", table.Name))
		if err != nil {
			t.Errorf("table %s has no case: %v", table.Name, err)
		}
		for _, c := range cases {
			t.Run(table.Name+"/"+c.Name(), func(t *testing.T) { tabletest.RunOn(t, table, h, filepath.Join("testdata", table.Name, c.Name())) })
		}
	}
}
