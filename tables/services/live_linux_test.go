package services

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// The unit files of this machine have the states that systemctl reads from the same files without a running manager.
func TestUnitFileStatesAgreeWithSystemctl(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "systemctl", "--root=/", "list-unit-files", "--no-legend", "--no-pager", "--plain").Output()
	if err != nil {
		t.Skipf("systemctl: %v", err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 2 && f[1] != "alias" {
			want[f[0]] = f[1]
		}
	}
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err = unitFiles(t.Context(), h, func(u *systemdUnit) error {
		got[u.ID] = u.UnitFileState
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, state := range want {
		if got[name] != state {
			t.Errorf("%s is %q, systemctl says %q", name, got[name], state)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !strings.Contains(name, "@") { // systemctl lists no instances
			t.Errorf("%s is unknown to systemctl", name)
		}
	}
}

func TestSystemdUnitsOfThisMachine(t *testing.T) {
	t.Parallel()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tabletest.Rows(t.Context(), SystemdUnits, h, tabletest.Query(SystemdUnits, nil, nil)); err != nil {
		t.Errorf("without a manager the table fails: %v", err)
	}
}
