package containers

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
	"github.com/tenantra/tenantra/tables/tabletest"
)

var dockerTables = []*tables.Table{
	DockerContainerEnvs, DockerContainerFSChanges, DockerContainerLabels, DockerContainerMounts, DockerContainerNetworks, DockerContainerPorts,
	DockerContainerProcesses, DockerContainerStats, DockerContainers, DockerImageHistory, DockerImageLabels, DockerImageLayers, DockerImages,
	DockerInfo, DockerNetworkLabels, DockerNetworks, DockerVersion, DockerVolumeLabels, DockerVolumes,
}

// TestDocker runs each table on a daemon whose answers have the shape of Engine API 1.47.
func TestDocker(t *testing.T) {
	t.Parallel()
	runRecorded(t, "docker", "var/run/docker.sock", dockerTables...)
}

func query(table *tables.Table) *tables.Query {
	for _, c := range table.Columns() {
		if c.Required {
			return tabletest.Query(table, map[string][]string{c.Name: {"4f66ad9f2b1e"}}, nil)
		}
	}
	return tabletest.Query(table, nil, nil)
}

func TestWithoutDaemonThereAreNoRows(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	h, err := host.NewImage(root, tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range Tables {
		if rows, err := tabletest.Rows(t.Context(), table, h, query(table)); err != nil || rows != nil {
			t.Errorf("table %s: %d rows, error %v", table.Name, len(rows), err)
		}
	}
}

// TestHostileDaemon checks that no answer breaks more than its table, and that none is read without bound.
func TestHostileDaemon(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"no JSON":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"other shape": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"Id": [[[`)) },
		"refusal":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/metadata", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := daemonHost(t, "var/run/docker.sock", handler)
			for _, table := range []*tables.Table{DockerContainers, DockerVolumes, DockerInfo} {
				if _, err := tabletest.Rows(t.Context(), table, h, query(table)); err == nil {
					t.Errorf("table %s takes it for an answer", table.Name)
				}
			}
			// An object that cannot be inspected is left out.
			for _, table := range []*tables.Table{DockerContainerStats, DockerContainerProcesses, DockerContainerFSChanges} {
				if rows, err := tabletest.Rows(t.Context(), table, h, query(table)); err != nil || rows != nil {
					t.Errorf("table %s: %d rows, error %v", table.Name, len(rows), err)
				}
			}
		})
	}
}

func TestEndlessAnswerIsCut(t *testing.T) {
	t.Parallel()
	h := daemonHost(t, "var/run/docker.sock", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range 64 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	if _, err := tabletest.Rows(t.Context(), DockerInfo, h, query(DockerInfo)); err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
		t.Errorf("error %v", err)
	}
}

func TestNamespacesOfAContainer(t *testing.T) {
	t.Parallel()
	h := daemonHost(t, "var/run/docker.sock", recorded(t, "testdata/docker"))
	dir := h.Root() + "/proc/4321/ns"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"net": "net:[4026532281]", "uts": "uts:[4026532279]", "pid": "/etc/passwd"} {
		if err := os.Symlink(target, dir+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := tabletest.Rows(t.Context(), DockerContainers, h, query(DockerContainers))
	if err != nil {
		t.Fatal(err)
	}
	if r := rows[0]; r["net_namespace"] != "4026532281" || r["uts_namespace"] != "4026532279" || r["pid_namespace"] != nil {
		t.Errorf("namespaces %v, %v, %v", r["net_namespace"], r["uts_namespace"], r["pid_namespace"])
	}
}

func TestRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	h := daemonHost(t, "var/run/docker.sock", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"message": "the daemon is shutting down"}`))
	}))
	_, err := tabletest.Rows(t.Context(), DockerInfo, h, query(DockerInfo))
	var status *unixhttp.StatusError
	if !errors.As(err, &status) || status.Code != http.StatusServiceUnavailable || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("error %v", err)
	}
}

func TestTheDaemonNarrowsByID(t *testing.T) {
	t.Parallel()
	var asked []string
	h := daemonHost(t, "var/run/docker.sock", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.URL.Query().Get("filters"))
		_, _ = w.Write([]byte(`[]`))
	}))
	for _, ids := range [][]string{{"4F66ad"}, {"no id", "../etc", ""}} {
		if _, err := tabletest.Rows(t.Context(), DockerContainers, h, tabletest.Query(DockerContainers, map[string][]string{"id": ids}, nil)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{`/containers/json {"id":{"4F66ad":true}}`}, asked); diff != "" {
		t.Errorf("the daemon is asked otherwise (- wanted):\n%s", diff)
	}
}

func TestFilesThatAreNoSocketsAreNotConnectedTo(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.MkdirAll(root+"/var/run", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/var/run/docker.sock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := host.NewImage(root, tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unixhttp.Dial(t.Context(), h, dockerSockets...); !errors.Is(err, unixhttp.ErrNoDaemon) {
		t.Errorf("error %v", err)
	}
}

func TestWithoutPassword(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"": "", "http://proxy:3128": "http://proxy:3128", "http://ann:s3cret@proxy:3128": "http://ann:xxxxx@proxy:3128", "http://%zz:x@y": "",
	} {
		if got := withoutPassword(address); got != want {
			t.Errorf("%q becomes %q, want %q", address, got, want)
		}
	}
}

func TestTopPathIsOneArgument(t *testing.T) {
	t.Parallel()
	parsed, err := url.Parse(topPath("4f66", psColumns))
	if err != nil || parsed.Query().Get("ps_args") != "-ewwo "+psColumns {
		t.Errorf("%v, error %v", parsed, err)
	}
}
