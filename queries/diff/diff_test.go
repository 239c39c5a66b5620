package diff

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
)

func text(values ...string) []tables.Value {
	row := make([]tables.Value, len(values))
	for i, v := range values {
		row[i] = tables.TextValue(v)
	}
	return row
}

func TestRowsTellsWhatCameAndWent(t *testing.T) {
	t.Parallel()
	columns := []string{"name", "path"}
	first := Rows(nil, columns, [][]tables.Value{text("a", "1"), text("b", "2"), text("b", "2")})
	if len(first.Added) != 3 || len(first.Removed) != 0 {
		t.Fatalf("the first run adds %d and removes %d rows, want 3 and 0", len(first.Added), len(first.Removed))
	}
	second := Rows(first.Next, columns, [][]tables.Value{text("b", "2"), text("c", "3")})
	if diff := cmp.Diff([][]tables.Value{text("c", "3")}, second.Added); diff != "" {
		t.Error(diff)
	}
	if len(second.Removed) != 2 { // a, and one of the two b
		t.Errorf("removed %d rows, want 2", len(second.Removed))
	}
	third := Rows(second.Next, columns, [][]tables.Value{text("c", "3"), text("b", "2")})
	if len(third.Added)+len(third.Removed) != 0 {
		t.Errorf("the same rows in another order are %d changes", len(third.Added)+len(third.Removed))
	}
}

func TestHashKnowsRowsApart(t *testing.T) {
	t.Parallel()
	seen := map[Hash]string{}
	for _, row := range []struct {
		columns []string
		values  []tables.Value
	}{
		{[]string{"a", "b"}, text("x", "")},
		{[]string{"a", "b"}, text("", "x")},
		{[]string{"a", "b"}, []tables.Value{tables.TextValue("x"), {}}},
		{[]string{"a", "c"}, text("x", "")},
		{[]string{"a"}, text("1")},
		{[]string{"a"}, []tables.Value{tables.IntValue(1)}},
		{[]string{"a"}, []tables.Value{tables.FloatValue(1)}},
		{[]string{"a"}, []tables.Value{tables.BlobValue([]byte("1"))}},
		{[]string{"ab"}, text("c")},
		{[]string{"a"}, text("bc")},
	} {
		h := NewHasher(row.columns).Row(row.values)
		name := fmt.Sprint(row)
		if other, twice := seen[h]; twice {
			t.Errorf("%s and %s share a hash", name, other)
		}
		seen[h] = name
	}
}

func TestHashIgnoresTheOrderOfColumns(t *testing.T) {
	t.Parallel()
	if NewHasher([]string{"a", "b"}).Row(text("1", "2")) != NewHasher([]string{"b", "a"}).Row(text("2", "1")) {
		t.Error("the same row in another column order has another hash")
	}
}

func TestStorable(t *testing.T) {
	t.Parallel()
	row := append(text("fine é", "nul\x00", "\xff\xfe"), tables.BlobValue([]byte{0, 255}))
	if !Storable(row) {
		t.Error("nothing was changed")
	}
	want := append(text("fine é", "nul\uFFFD", "\uFFFD"), tables.BlobValue([]byte{0, 255}))
	if diff := cmp.Diff(want, row); diff != "" {
		t.Error(diff)
	}
	if Storable(row) {
		t.Error("a second pass changed something")
	}
}

func TestEveryLeafIsProvedAndNoOther(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 33; n++ {
		leaves := make([]Hash, n)
		for i := range leaves {
			leaves[i] = Leaf(i%2 == 0, Hash{byte(i)})
		}
		root := Root(leaves)
		for i := range leaves {
			proof := Proof(leaves, i)
			if !Proves(root, leaves[i], i, n, proof) {
				t.Fatalf("leaf %d of %d is not proved", i, n)
			}
			if Proves(root, Leaf(true, Hash{99}), i, n, proof) {
				t.Fatalf("a foreign leaf is proved at %d of %d", i, n)
			}
			if n > 1 && Proves(root, leaves[i], (i+1)%n, n, proof) {
				t.Fatalf("leaf %d of %d is proved at another place", i, n)
			}
		}
	}
}

func FuzzStorable(f *testing.F) {
	f.Add("a\x00\xffb")
	f.Fuzz(func(t *testing.T, s string) {
		row := text(s)
		Storable(row)
		if Storable(row) {
			t.Errorf("%q is not stable", s)
		}
	})
}
