package engine

import (
	"encoding/binary"
	"hash/maphash"
	"unsafe"

	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// identities number the rows of one call of a generator so that a row has the same identity in every call that gives it,
// and no two rows of a call share one. SQLite asks for it only where it joins the branches of an OR, to find rows that it
// has had already.
//
// The identity is a digest of the cells that the statement uses, and how many equal rows came before. Counting only the
// rows that SQLite asks about is right: rows with equal cells pass the branch's conditions together or not at all.
type identities struct {
	seeds [2]maphash.Seed
	seen  map[[2]uint64]uint32
	base  int64 // rows of the batches before this one
	last  int64 // row whose identity is in value
	value [identityBytes]byte
}

const identityBytes = 20

// Two digests of 64 bits, secret to the process: a collision would lose a row.
func newIdentities(c *conn) *identities {
	if c.seeds == ([2]maphash.Seed{}) {
		c.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	return &identities{seeds: c.seeds, seen: map[[2]uint64]uint32{}, last: -1}
}

func (id *identities) restart() {
	clear(id.seen)
	id.base, id.last = 0, -1
}

func (id *identities) nextBatch(rows int) { id.base += int64(rows) }

// resultIdentity gives SQLite the identity of the current row.
func (cu *cursor) resultIdentity(cc *cursorC, result uintptr) {
	if cu.identity == nil {
		cu.identity = newIdentities(cu.conn)
	}
	id := cu.identity
	if row := id.base + cc.row; id.last != row {
		id.last = row
		id.digest(unsafe.Slice(at[cell](cc.cells), len(cu.batch.columns)))
	}
	lib.Xsqlite3_result_blob(cu.conn.tls, result, cu.conn.scratch.hold(cu.conn.heap, string(id.value[:])), identityBytes, lib.SQLITE_TRANSIENT)
}

func (id *identities) digest(cells []cell) {
	var digest [2]uint64
	for i := range digest {
		var h maphash.Hash
		h.SetSeed(id.seeds[i])
		for j := range cells {
			cells[j].hash(&h)
		}
		digest[i] = h.Sum64()
	}
	nth := id.seen[digest]
	id.seen[digest] = nth + 1
	binary.LittleEndian.PutUint64(id.value[0:], digest[0])
	binary.LittleEndian.PutUint64(id.value[8:], digest[1])
	binary.LittleEndian.PutUint32(id.value[16:], nth)
}

func (c *cell) hash(h *maphash.Hash) {
	_ = h.WriteByte(byte(c.kind)) // a maphash never fails
	switch c.kind {
	case tables.ValueText, tables.ValueBlob:
		maphash.WriteComparable(h, c.n)
		_, _ = h.Write(view(uintptr(c.bits), int(c.n)))
	case tables.ValueInt, tables.ValueFloat:
		maphash.WriteComparable(h, c.bits)
	}
}
