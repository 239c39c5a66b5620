package software

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestDebPackagesAgreeWithDpkg(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture} ${db:Status-Want} ${db:Status-Eflag} ${db:Status-Status} ${Installed-Size}\n").Output()
	if err != nil {
		t.Skipf("dpkg-query: %v", err)
	}
	want := map[string]int{}
	for line := range strings.Lines(string(out)) {
		want[strings.TrimSpace(line)]++
	}
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	err = DebPackages.Generate(t.Context(), h, tabletest.Query(DebPackages, nil, nil), func(row any) error {
		p := row.(*debPackage)
		got[fmt.Sprint(p.Name, " ", p.Version, " ", p.Arch, " ", p.Status, " ", p.Size.V)]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dpkg -, table +:\n%s", diff)
	}
}

func BenchmarkDebPackages(b *testing.B) {
	h, err := host.New("/", nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rows := 0
		if err := DebPackages.Generate(b.Context(), h, tabletest.Query(DebPackages, nil, nil), func(any) error { rows++; return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(rows), "rows")
	}
}
