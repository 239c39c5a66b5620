package engine

import (
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// Row is one row of a result. It reads SQLite's own memory: nothing is boxed or copied, and everything it gives is valid
// only until Sink.Row returns.
type Row struct {
	tls   *libc.TLS
	stmt  uintptr
	cells uintptr // SQLite's array of result values
	n     int
	keys  []string // `"name":` as JSON, "" where a later column has the name; made by the first AppendJSON
	names []string
}

const cellSize = unsafe.Sizeof(lib.Mem{})

// Len is the number of columns.
func (r *Row) Len() int { return r.n }

// Name gives a column's name in the result.
func (r *Row) Name(i int) string { return r.names[i] }

// cell reads the value array directly. The calls sqlite3_column_type, _bytes and _text do the same behind a check for
// each; TestTrapLayout pins the layout that this relies on.
func (r *Row) cell(i int) *lib.Mem {
	if uint(i) >= uint(r.n) {
		panic("engine: no such column in the row")
	}
	return at[lib.Mem](r.cells + uintptr(i)*cellSize)
}

// Type says which of the getters gives the cell.
func (r *Row) Type(i int) tables.ValueKind {
	switch flags := r.cell(i).Fflags; {
	case flags&lib.MEM_Null != 0:
		return tables.ValueNull
	case flags&(lib.MEM_Int|lib.MEM_IntReal) == lib.MEM_Int:
		return tables.ValueInt
	case flags&(lib.MEM_Real|lib.MEM_IntReal) != 0:
		return tables.ValueFloat
	case flags&lib.MEM_Str != 0:
		return tables.ValueText
	default:
		return tables.ValueBlob
	}
}

// Int gives an integer cell; of any other it gives SQLite's conversion.
func (r *Row) Int(i int) int64 {
	if c := r.cell(i); c.Fflags&lib.MEM_Int != 0 {
		return *(*int64)(unsafe.Pointer(&c.Fu))
	}
	return lib.Xsqlite3_column_int64(r.tls, r.stmt, int32(i))
}

// Float gives a float cell; of any other it gives SQLite's conversion.
func (r *Row) Float(i int) float64 {
	if c := r.cell(i); c.Fflags&lib.MEM_Real != 0 {
		return c.Fu.Fr
	}
	return lib.Xsqlite3_column_double(r.tls, r.stmt, int32(i))
}

// Bytes gives a view of a text or blob cell, or of a number as text. It must not be changed, nor kept.
func (r *Row) Bytes(i int) []byte {
	if c := r.cell(i); c.Fflags&(lib.MEM_Str|lib.MEM_Blob) != 0 && c.Fflags&lib.MEM_Zero == 0 {
		return view(c.Fz, int(c.Fn))
	}
	p := lib.Xsqlite3_column_blob(r.tls, r.stmt, int32(i)) // expands a zeroblob, converts a number
	return view(p, int(lib.Xsqlite3_column_bytes(r.tls, r.stmt, int32(i))))
}

// size is what the cell counts towards the byte limit.
func (r *Row) size(i int) int64 {
	c := r.cell(i)
	if c.Fflags&(lib.MEM_Str|lib.MEM_Blob) == 0 {
		return 8
	}
	n := int64(c.Fn)
	if c.Fflags&lib.MEM_Zero != 0 {
		n += int64(*(*int32)(unsafe.Pointer(&c.Fu)))
	}
	return n
}

// bytes is what the row counts towards the byte limit.
func (r *Row) bytes() int64 {
	total := int64(0)
	for i := range r.n {
		total += r.size(i)
	}
	return total
}

// Text gives a copy of the cell as text; "" for NULL.
func (r *Row) Text(i int) string { return string(r.Bytes(i)) }

// Value gives a copy of the cell.
func (r *Row) Value(i int) tables.Value {
	kind := r.Type(i)
	v := tables.Value{Kind: kind}
	switch kind {
	case tables.ValueInt:
		v.Int = r.Int(i)
	case tables.ValueFloat:
		v.Float = r.Float(i)
	case tables.ValueText, tables.ValueBlob:
		v.Text = string(r.Bytes(i))
	}
	return v
}
