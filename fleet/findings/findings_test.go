package findings

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tenantra/tenantra/tables"
)

func TestObservationsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", textBytes)
	row := []tables.Value{tables.TextValue("x")}
	o := Observation{Message: long, Expected: long, Fix: long}
	for range evidenceRows + 50 {
		o.Evidence.Rows = append(o.Evidence.Rows, row)
		o.Evidence.Failing = append(o.Evidence.Failing, []string{"a"})
		o.Evidence.RowIDs = append(o.Evidence.RowIDs, 1)
	}
	got := o.bounded()
	for _, text := range []string{got.Message, got.Expected, got.Fix} {
		if len(text) > textBytes+8 || !utf8.ValidString(text) || !strings.HasSuffix(text, "…") {
			t.Errorf("a text of %d bytes stays, ending %q", len(text), text[len(text)-6:])
		}
	}
	if e := got.Evidence; len(e.Rows) != evidenceRows || len(e.Failing) != evidenceRows || len(e.RowIDs) != evidenceRows {
		t.Errorf("%d rows, %d, %d stay", len(e.Rows), len(e.Failing), len(e.RowIDs))
	}
	heavy := []tables.Value{tables.TextValue(strings.Repeat("x", evidenceBytes/2))}
	o.Evidence = Evidence{Rows: [][]tables.Value{heavy, heavy, heavy}, Failing: [][]string{nil, nil, nil}, RowIDs: []int64{1, 2, 3}, Total: 3}
	if e := o.bounded().Evidence; len(e.Rows) != 1 || e.Total != 3 {
		t.Errorf("%d heavy rows of %d stay", len(e.Rows), e.Total)
	}
	if small := (Observation{Message: "m"}).bounded(); small.Message != "m" || small.Evidence.Rows != nil {
		t.Errorf("a small one became %+v", small)
	}
}

func TestSeverities(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"low", "medium", "high", "critical"} {
		if s, err := ParseSeverity(name); err != nil || s.String() != name {
			t.Errorf("%s gives %v, %v", name, s, err)
		}
	}
	if _, err := ParseSeverity("urgent"); err == nil {
		t.Error("urgent is a severity")
	}
	if Low >= Medium || High >= Critical {
		t.Error("the order is wrong")
	}
}
