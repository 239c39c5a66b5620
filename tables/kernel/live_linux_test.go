package kernel

import (
	"os"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// A parameter asked by name is what the kernel says, and is among all parameters.
func TestSystemControlsOfThisMachine(t *testing.T) {
	t.Parallel()
	const name = "kernel.ostype"
	want, err := os.ReadFile("/proc/sys/kernel/ostype")
	if err != nil {
		t.Skip(err)
	}
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	one, err := tabletest.Rows(t.Context(), SystemControls, h, tabletest.Query(SystemControls, map[string][]string{"name": {name}}, nil))
	if err != nil || len(one) != 1 || one[0]["current_value"] != strings.TrimSpace(string(want)) {
		t.Errorf("%v, %v", one, err)
	}
	all, err := tabletest.Rows(t.Context(), SystemControls, h, tabletest.Query(SystemControls, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, row := range all {
		if row["name"] == name {
			found++
		}
	}
	if found != 1 || len(all) < 100 {
		t.Errorf("%s is %d times among %d parameters", name, found, len(all))
	}
}

func BenchmarkSystemControls(b *testing.B) {
	h, err := host.New("/", nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rows := 0
		if err := SystemControls.Generate(b.Context(), h, tabletest.Query(SystemControls, nil, nil), func(any) error { rows++; return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(rows), "rows")
	}
}
