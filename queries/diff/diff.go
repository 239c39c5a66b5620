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
	d := NewDiffer(before, columns)
	for _, row := range rows {
		d.Row(row)
	}
	return d.Changes()
}

// Differ compares a result row by row, so that only the rows that are new need be kept in memory.
type Differ struct {
	before State
	hasher *Hasher
	out    Changes
}

// NewDiffer starts the comparison with the state before, which must not change until its end.
func NewDiffer(before State, columns []string) *Differ {
	return &Differ{before: before, hasher: NewHasher(columns), out: Changes{Next: make(State, len(before))}}
}

// Row takes the next row and tells whether it is new; a new row is kept, any other may be used again by the caller. The
// row must be Storable.
func (d *Differ) Row(row []tables.Value) (added bool) {
	h := d.hasher.Row(row)
	d.out.Next[h]++
	if d.out.Next[h] <= d.before[h] {
		return false
	}
	d.out.Added = append(d.out.Added, row)
	return true
}

// Changes ends the comparison.
func (d *Differ) Changes() Changes {
	for h, n := range d.before {
		for range n - d.out.Next[h] {
			d.out.Removed = append(d.out.Removed, h)
		}
	}
	slices.SortFunc(d.out.Removed, func(a, b Hash) int { return cmp.Compare(string(a[:]), string(b[:])) })
	return d.out
}
