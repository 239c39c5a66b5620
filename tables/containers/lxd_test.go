package containers

import (
	"net/http"
	"testing"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// TestLXD runs each table on a daemon whose answers have the shape of LXD's API 1.0.
func TestLXD(t *testing.T) {
	t.Parallel()
	runRecorded(t, "lxd", "var/lib/lxd/unix.socket", LXDCertificates, LXDCluster, LXDClusterMembers, LXDImages, LXDInstanceConfig, LXDInstanceDevices,
		LXDInstances, LXDNetworks, LXDStoragePools)
}

func TestHostileLXD(t *testing.T) {
	t.Parallel()
	h := daemonHost(t, "var/lib/incus/unix.socket", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"metadata": [[[{`))
	}))
	for _, table := range []*tables.Table{LXDInstances, LXDImages, LXDCluster, LXDNetworks} {
		if _, err := tabletest.Rows(t.Context(), table, h, query(table)); err == nil {
			t.Errorf("table %s takes it for an answer", table.Name)
		}
	}
}

func TestLXDNamesAreEscaped(t *testing.T) {
	t.Parallel()
	h := daemonHost(t, "var/lib/lxd/unix.socket", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if want := "/1.0/instances/..%2F..%2Fcertificates%3Fa"; r.URL.EscapedPath() != want {
			t.Errorf("asked for %s, want %s", r.URL.EscapedPath(), want)
		}
		_, _ = w.Write([]byte(`{"metadata": {"name": "another", "config": {"a": "b"}}}`))
	}))
	q := tabletest.Query(LXDInstanceConfig, map[string][]string{"name": {"../../certificates?a"}}, nil)
	if rows, err := tabletest.Rows(t.Context(), LXDInstanceConfig, h, q); err != nil || rows != nil {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}
