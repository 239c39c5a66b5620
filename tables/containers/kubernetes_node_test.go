package containers

import (
	"strings"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestKubernetesNode(t *testing.T) { tabletest.Run(t, KubernetesNode) }

func TestKubernetesFilesAreBounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"anchors": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "large": "a: " + strings.Repeat("x", kubernetesFileMax), "no YAML": "a: [",
	} {
		if facts, err := parseKubelet([]byte(text)); err == nil {
			t.Errorf("%s: %d facts", name, len(facts))
		}
	}
	deep := strings.Repeat("{a: ", 200) + "1" + strings.Repeat("}", 200)
	if facts, err := parseKubelet([]byte(deep)); err == nil && len(facts) > 0 {
		t.Errorf("%+v", facts)
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte("spec:\n  containers:\n  - name: etcd\n    command: [etcd, --client-cert-auth=true, --x]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) ([]kubernetesFact, error){parseKubelet, parseKubeconfig, parseManifest} {
			if facts, err := parse(data); err == nil && len(facts) > kubernetesFileMax {
				t.Errorf("%d facts of %d bytes", len(facts), len(data))
			}
		}
	})
}
