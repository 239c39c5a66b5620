// Package diff says what changed between two results of one query, and gives rows an identity: the hash under which
// agent and fleet know the same row, and the Merkle tree by which one row can be proved against a signed batch.
package diff

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// Hash is the SHA-256 of a row's canonical form.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return fmt.Sprintf("%x", h[:]) }

// Hasher hashes the rows of one result shape. Use NewHasher; not safe for concurrent use.
type Hasher struct {
	names []string
	order []int // positions of the columns in name order
	sum   hash.Hash
	buf   []byte
}

// NewHasher makes a hasher for rows with these columns. The order of columns does not change a row's hash.
func NewHasher(columns []string) *Hasher {
	h := &Hasher{names: columns, order: make([]int, len(columns)), sum: sha256.New()}
	for i := range h.order {
		h.order[i] = i
	}
	slices.SortStableFunc(h.order, func(a, b int) int { return strings.Compare(columns[a], columns[b]) })
	return h
}

// Row hashes a row: for each column in name order its name and its value, each with a type tag and a length, so that no
// two different rows share canonical bytes. Call Storable first where text may hold NUL or broken UTF-8.
func (h *Hasher) Row(row []tables.Value) Hash {
	buf := append(h.buf[:0], "tenantra/v1/row\x00"...)
	for _, i := range h.order {
		buf = appendBytes(buf, 'c', h.names[i])
		switch v := row[i]; v.Kind {
		case tables.ValueInt:
			buf = binary.BigEndian.AppendUint64(append(buf, 'i'), uint64(v.Int))
		case tables.ValueFloat:
			buf = binary.BigEndian.AppendUint64(append(buf, 'f'), math.Float64bits(v.Float))
		case tables.ValueText:
			buf = appendBytes(buf, 't', v.Text)
		case tables.ValueBlob:
			buf = appendBytes(buf, 'b', v.Text)
		default:
			buf = append(buf, 'n')
		}
	}
	h.buf = buf
	h.sum.Reset()
	h.sum.Write(buf)
	var out Hash
	h.sum.Sum(out[:0])
	return out
}

func appendBytes(buf []byte, tag byte, text string) []byte {
	buf = binary.BigEndian.AppendUint32(append(buf, tag), uint32(len(text)))
	return append(buf, text...)
}

// Storable makes text fit for the fleet's database in place: NUL and invalid UTF-8 become U+FFFD. Both ends apply it
// before hashing. It tells whether anything changed.
func Storable(row []tables.Value) bool {
	changed := false
	for i := range row {
		if row[i].Kind != tables.ValueText {
			continue
		}
		text := strings.ToValidUTF8(row[i].Text, "\uFFFD")
		if strings.IndexByte(text, 0) >= 0 {
			text = strings.ReplaceAll(text, "\x00", "\uFFFD")
		}
		if text != row[i].Text {
			row[i].Text, changed = text, true
		}
	}
	return changed
}
