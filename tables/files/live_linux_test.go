package files

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestMountsAgreeWithFindmnt(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "findmnt", "--task", "1", "--raw", "--noheadings", "--list", "--output", "TARGET,FSTYPE").Output()
	if err != nil {
		t.Skipf("findmnt: %v", err)
	}
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), Mounts, h, tabletest.Query(Mounts, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, row := range rows {
		got = append(got, row["path"].(string)+" "+row["type"].(string))
	}
	for line := range strings.Lines(string(out)) {
		target, fsType, _ := strings.Cut(strings.TrimSpace(line), " ")
		want = append(want, strings.ReplaceAll(target, `\x20`, " ")+" "+fsType)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findmnt -, table +:\n%s", diff)
	}
	if root := rows[0]; root["blocks"] == nil || root["blocks_size"] == nil {
		t.Errorf("the first mount has no size: %v", root)
	}
}
