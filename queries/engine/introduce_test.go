package engine

import (
	"slices"
	"testing"

	"github.com/tenantra/tenantra/tables"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string][]string{
		"":                                  nil,
		"SELECT a.b FROM[x] AS \"y\",`z$1`": {"SELECT", "a", "b", "FROM", "x", "AS", "y", "z$1"},
		"select/**/upper(q)--c\nfrom _t WHERE 'é'": {"select", "upper", "q", "c", "from", "_t", "WHERE", "é"},
		"a\xffb c": {"a\xffb", "c"},
	} {
		if got := slices.Collect(words(sql)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
}

// TestNamesAreIntroduced holds that a table and a function are found however a statement writes their names, on a connection that
// did not know them.
func TestNamesAreIntroduced(t *testing.T) {
	t.Parallel()
	list := []*tables.Table{fixed("plain", "a"), fixed("odd-name", "b"), fixed("Ünder way", "c"), fixed("mixedCase", "d")}
	for sql, want := range map[string]string{
		"SELECT value FROM plain":                                     "a",
		"SELECT value FROM PLAIN":                                     "a",
		"SELECT value FROM main.plain":                                "a",
		"SELECT value FROM[plain]":                                    "a",
		"SELECT value FROM\"plain\"WHERE 1":                           "a",
		"SELECT value FROM `odd-name`":                                "b",
		"SELECT value FROM \"Ünder way\"":                             "c",
		"SELECT value FROM MIXEDcase":                                 "d",
		"WITH w AS (SELECT * FROM plain) SELECT value FROM w":         "a",
		"SELECT (SELECT value FROM mixedcase)":                        "d",
		"SELECT SHA256('')":                                           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"SELECT \"split\"('a-b', '-', 1)":                             "b",
		"SELECT value FROM plain WHERE value LIKE 'A' AND 1":          "a",
		"SELECT value FROM plain WHERE like('A', value)":              "a",
		"SELECT 'x' GLOB '[x]' || (SELECT count(*) FROM \"plain\")":   "0",
		"SELECT value FROM plain ORDER BY value COLLATE version_dpkg": "a",
	} {
		expect(t, newEngine(t, list...), sql, want)
	}
	fails(t, newEngine(t, list...), "SELECT * FROM absent", "no such table: absent")
	fails(t, newEngine(t, list...), "SELECT absent(1)", "no such function: absent")
}

func TestBitset(t *testing.T) {
	t.Parallel()
	var b bitset
	for _, n := range []int{0, 63, 64, 1000} {
		if !b.add(n) || b.add(n) {
			t.Errorf("%d is not added once", n)
		}
	}
}
