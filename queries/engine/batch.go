package engine

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/tenantra/tenantra/tables"
)

// cell is one stored value. Cells and texts lie off the Go heap: the collector never scans them, and SQLite's memcpy may
// read them under the race detector, which forbids that for Go memory.
type cell struct {
	bits uint64 // the integer, the float's bits, or the address of the bytes
	n    uint32
	kind tables.ValueKind
}

const cellBytes = unsafe.Sizeof(cell{})

// used is a column of the row struct that the statement uses, and where its cell lies in a stored row.
type used struct {
	offset uintptr
	kind   tables.Kind
	asText bool // the column is declared TEXT though its field is a number
}

// A batch ends at this many rows or bytes of text: large enough that the switch to the generator costs nothing, small
// enough to stay in the processor's cache.
const (
	batchRows      = 256
	batchBytes     = 64 << 10
	batchRowsEmpty = 4096 // of rows without a used column
	firstChunk     = 4 << 10
)

// batch holds rows between a generator and SQLite.
type batch struct {
	columns []used
	cells   uintptr
	stride  uintptr // bytes of a row
	size    int     // rows that cells has room for
	rows    int

	chunks []chunk // of text; the last is being filled
	free   uintptr
	end    uintptr
	bytes  int
}

type chunk struct {
	p    uintptr
	size int
}

func (b *batch) setColumns(columns []used) {
	b.columns = columns
	b.stride = uintptr(len(columns)) * cellBytes
}

// full tells whether the batch should be handed over, at a given number of rows at most.
func (b *batch) full(rows int) bool {
	if len(b.columns) == 0 {
		return b.rows >= batchRowsEmpty
	}
	return b.rows >= rows || b.bytes >= batchBytes
}

// reset makes room for the next batch, keeping the memory of one usual batch.
func (b *batch) reset(h *heap) {
	b.rows, b.bytes = 0, 0
	if len(b.chunks) == 0 {
		return
	}
	keep := b.chunks[len(b.chunks)-1]
	for _, c := range b.chunks[:len(b.chunks)-1] {
		h.free(c.p)
	}
	b.chunks = append(b.chunks[:0], keep)
	if keep.size > 2*batchBytes {
		h.free(keep.p)
		b.chunks, b.free, b.end = b.chunks[:0], 0, 0
		return
	}
	b.free, b.end = keep.p, keep.p+uintptr(keep.size)
}

func (b *batch) release(h *heap) {
	h.free(b.cells)
	for _, c := range b.chunks {
		h.free(c.p)
	}
	*b = batch{}
}

// add copies the used fields of a row struct. It is false where the heap limit is reached.
func (b *batch) add(h *heap, row unsafe.Pointer) bool {
	if len(b.columns) == 0 {
		b.rows++
		return true
	}
	if b.rows == b.size && !b.grow(h) {
		return false
	}
	cells := unsafe.Slice(at[cell](b.cells+uintptr(b.rows)*b.stride), len(b.columns))
	for i := range cells {
		u := &b.columns[i]
		field := unsafe.Add(row, u.offset)
		out := &cells[i]
		switch u.kind {
		case tables.KindString:
			if !b.text(h, out, *(*string)(field), tables.ValueText) {
				return false
			}
		case tables.KindInt64:
			out.bits, out.kind = uint64(*(*int64)(field)), tables.ValueInt
		case tables.KindInt32:
			out.bits, out.kind = uint64(*(*int32)(field)), tables.ValueInt
		case tables.KindUint32:
			out.bits, out.kind = uint64(*(*uint32)(field)), tables.ValueInt
		case tables.KindUint16:
			out.bits, out.kind = uint64(*(*uint16)(field)), tables.ValueInt
		case tables.KindUint8:
			out.bits, out.kind = uint64(*(*uint8)(field)), tables.ValueInt
		case tables.KindBool:
			out.bits, out.kind = uint64(*(*uint8)(field)), tables.ValueInt
		case tables.KindFloat64:
			out.float(*(*float64)(field))
		case tables.KindNullInt64:
			out.kind = tables.ValueNull
			if v := (*tables.Null[int64])(field); v.Valid {
				out.bits, out.kind = uint64(v.V), tables.ValueInt
			}
		case tables.KindNullFloat64:
			out.kind = tables.ValueNull
			if v := (*tables.Null[float64])(field); v.Valid {
				out.float(v.V)
			}
		case tables.KindNullString:
			out.kind = tables.ValueNull
			if v := (*tables.Null[string])(field); v.Valid && !b.text(h, out, v.V, tables.ValueText) {
				return false
			}
		case tables.KindBytes:
			out.kind = tables.ValueNull
			if v := *(*[]byte)(field); v != nil && !b.text(h, out, unsafe.String(unsafe.SliceData(v), len(v)), tables.ValueBlob) {
				return false
			}
		case tables.KindValue:
			if !b.value(h, out, (*tables.Value)(field)) {
				return false
			}
		default:
			panic("engine: unknown kind of field")
		}
		if u.asText && !b.number(h, out) {
			return false
		}
	}
	b.rows++
	return true
}

// float stores a float; what is not a number is NULL, as everywhere in SQLite.
func (c *cell) float(f float64) {
	c.bits, c.kind = math.Float64bits(f), tables.ValueFloat
	if math.IsNaN(f) {
		c.kind = tables.ValueNull
	}
}

func (b *batch) value(h *heap, out *cell, v *tables.Value) bool {
	switch v.Kind {
	case tables.ValueInt:
		out.bits, out.kind = uint64(v.Int), tables.ValueInt
	case tables.ValueFloat:
		out.float(v.Float)
	case tables.ValueText, tables.ValueBlob:
		return b.text(h, out, v.Text, v.Kind)
	default:
		out.kind = tables.ValueNull
	}
	return true
}

// number writes a number in a column of text as text, as SQLite would on storing it.
func (b *batch) number(h *heap, c *cell) bool {
	switch c.kind {
	case tables.ValueInt:
		return b.text(h, c, strconv.FormatInt(int64(c.bits), 10), tables.ValueText)
	case tables.ValueFloat:
		return b.text(h, c, string(appendJSONFloat(nil, math.Float64frombits(c.bits))), tables.ValueText)
	}
	return true
}

func (b *batch) text(h *heap, out *cell, s string, kind tables.ValueKind) bool {
	if len(s) > maxValue {
		s = s[:maxValue+1] // SQLite refuses it, with the reason
	}
	n := uintptr(len(s))
	if b.free+n > b.end || b.free == 0 {
		if !b.chunk(h, len(s)) {
			return false
		}
	}
	copy(unsafe.Slice(at[byte](b.free), n), s)
	*out = cell{bits: uint64(b.free), n: uint32(n), kind: kind}
	b.free += n
	b.bytes += len(s)
	return true
}

func (b *batch) chunk(h *heap, n int) bool {
	size := firstChunk
	if len(b.chunks) > 0 {
		size = batchBytes + batchBytes/4
	}
	size = max(size, n)
	p := h.alloc(size)
	if p == 0 {
		return false
	}
	b.chunks = append(b.chunks, chunk{p, size})
	b.free, b.end = p, p+uintptr(size)
	return true
}

func (b *batch) grow(h *heap) bool {
	size := max(16, 2*b.size)
	p := h.alloc(size * int(b.stride))
	if p == 0 {
		return false
	}
	if b.rows > 0 {
		copy(unsafe.Slice(at[byte](p), uintptr(b.rows)*b.stride), unsafe.Slice(at[byte](b.cells), uintptr(b.rows)*b.stride))
	}
	h.free(b.cells)
	b.cells, b.size = p, size
	return true
}
