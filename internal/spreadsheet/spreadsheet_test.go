package spreadsheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/internal/spreadsheet"
)

func TestCellsAreInert(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := spreadsheet.NewWriter(&out)
	w.Write("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1", "\tx", "plain, \"quoted\"\nline", "")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'＝1+1", "'\tx", "plain, \"quoted\"\nline", ""}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func FuzzCellsAreInert(f *testing.F) {
	f.Add("=1")
	f.Add("＝1")
	f.Fuzz(func(t *testing.T, cell string) {
		if got := spreadsheet.Inert(cell); got != "" && strings.ContainsAny(got[:1], "=+-@\t\r\n") {
			t.Errorf("%q is no inert cell", got)
		}
	})
}
