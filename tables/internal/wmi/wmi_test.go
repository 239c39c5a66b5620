package wmi

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestRecordedObjects(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := tabletest.NewHostOn(t, dir, tables.Windows)
	if objects, err := Objects(t.Context(), h, CIMv2, "Win32_X", "A"); objects != nil || err != nil {
		t.Errorf("an image has %v, %v", objects, err)
	}
	file := filepath.Join(dir, "commands", "_wmi root_cimv2 Win32_X")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`[{"T": "text", "N": 7, "B": true, "L": [1, 2], "S": "18446744073", "Z": null}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	objects, err := Objects(t.Context(), h, CIMv2, "Win32_X", "T", "N")
	if err != nil || len(objects) != 1 {
		t.Fatal(objects, err)
	}
	o := objects[0]
	if o.Text("T") != "text" || o.Number("N") != 7 || o.Number("B") != 1 || o.Text("B") != "TRUE" || o.Text("L") != "1,2" || o.Number("S") != 18446744073 || o.Text("Z") != "" || len(o.Numbers("L")) != 2 {
		t.Errorf("%v", o)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Objects(t.Context(), h, CIMv2, "Win32_X", "T"); err == nil {
		t.Error("a broken recording was read")
	}
}

func TestUnix(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"20240117000000.000000+060": 1705446000, "20240117000000.000000-000": 1705449600, "20240117000000.000000+***": 1705449600, "2024": 0, "": 0, "99999999999999": 0,
	} {
		if got := Unix(text); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}
