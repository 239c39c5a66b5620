package diff

import (
	"cmp"
	"slices"

	"github.com/tenantra/tenantra/tables"
)

// State is what an agent keeps of a result: how many times each row is there, by hash.
type State map[Hash]int

// Changes are the rows that came and went. A removed row is known by its hash alone.
type Changes struct {
	Added   [][]tables.Value
	Removed []Hash // in hash order
	Next    State
}

// Rows compares a new result with the state of the one before. A row that is there twice and was there once is added
// once. The rows must be Storable.
func Rows(before State, columns []string, rows [][]tables.Value) Changes {
	hasher := NewHasher(columns)
	out := Changes{Next: make(State, len(rows))}
	for _, row := range rows {
		h := hasher.Row(row)
		if out.Next[h]++; out.Next[h] > before[h] {
			out.Added = append(out.Added, row)
		}
	}
	for h, n := range before {
		for range n - out.Next[h] {
			out.Removed = append(out.Removed, h)
		}
	}
	slices.SortFunc(out.Removed, func(a, b Hash) int { return cmp.Compare(string(a[:]), string(b[:])) })
	return out
}
