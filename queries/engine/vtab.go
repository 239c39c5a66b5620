package engine

import (
	"fmt"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// vtabC is a table of a connection, as SQLite holds it.
type vtabC struct {
	base   lib.Sqlite3_vtab //lint:ignore U1000 SQLite's own part of the structure comes first
	conn   int32            // place in conns
	module int32            // place in the catalog's modules
}

// cursorC is an open cursor, as SQLite holds it. What xNext, xEof and xColumn need lies in it, so that reading a row
// touches no Go memory; Go is asked only for the next batch.
type cursorC struct {
	base   lib.Sqlite3_vtab_cursor //lint:ignore U1000 SQLite's own part of the structure comes first
	row    int64                   // in the batch
	rows   int64                   // of the batch
	cells  uintptr                 // of the row
	stride uintptr                 // bytes of a row
	slots  uintptr                 // int16 for each SQL column: its place in a row, noColumn or isIdentity
	conn   int32
	cursor int32 // place in the connection's cursors
	ended  int32 // the generator has returned: no batch follows
}

// moduleMethods is the one module behind all tables; without xCreate they are eponymous: they need no CREATE VIRTUAL
// TABLE, and SQLite asks for a schema when a statement first names the table. It lives as long as the process.
var moduleMethods = newModule()

func newModule() uintptr {
	tls := libc.NewTLS()
	defer tls.Close()
	p := libc.Xcalloc(tls, 1, types.Size_t(unsafe.Sizeof(lib.Sqlite3_module{})))
	*at[lib.Sqlite3_module](p) = lib.Sqlite3_module{
		FiVersion:    2,
		FxConnect:    fn(xConnect),
		FxBestIndex:  fn(xBestIndex),
		FxDisconnect: fn(xDisconnect),
		FxDestroy:    fn(xDisconnect),
		FxOpen:       fn(xOpen),
		FxClose:      fn(xClose),
		FxFilter:     fn(xFilter),
		FxNext:       fn(xNext),
		FxEof:        fn(xEof),
		FxColumn:     fn(xColumn),
		FxRowid:      fn(xRowid),
	}
	return p
}

func xConnect(tls *libc.TLS, db, aux uintptr, _ int32, _, result, _ uintptr) int32 {
	slot, index := aux&0xffff, aux>>16
	c := conns[slot]
	d := c.catalog.modules[index].declared()
	sql, err := libc.CString(d.sql)
	if err != nil {
		return lib.SQLITE_NOMEM
	}
	defer libc.Xfree(tls, sql)
	// Parsing the schema is no part of the statement: the authorizer is not asked about it, and the column limit is for
	// what statements say; a table's aliases and identity come on top of its columns.
	reading := c.reading
	c.reading = nil
	columns := lib.Xsqlite3_limit(tls, db, lib.SQLITE_LIMIT_COLUMN, 32_767)
	rc := lib.Xsqlite3_declare_vtab(tls, db, sql)
	lib.Xsqlite3_limit(tls, db, lib.SQLITE_LIMIT_COLUMN, columns)
	c.reading = reading
	if rc != lib.SQLITE_OK {
		if reading != nil {
			reading.refusal = fmt.Sprintf("table %s cannot be declared: %s", d.table.Name, c.message())
		}
		return rc
	}
	p := lib.Xsqlite3_malloc(tls, int32(unsafe.Sizeof(vtabC{})))
	if p == 0 {
		return lib.SQLITE_NOMEM
	}
	*at[vtabC](p) = vtabC{conn: int32(slot), module: int32(index)}
	*at[uintptr](result) = p
	return lib.SQLITE_OK
}

func xDisconnect(tls *libc.TLS, vtab uintptr) int32 {
	lib.Xsqlite3_free(tls, vtab)
	return lib.SQLITE_OK
}

func xOpen(tls *libc.TLS, vtab, result uintptr) int32 {
	v := at[vtabC](vtab)
	c := conns[v.conn]
	p := lib.Xsqlite3_malloc(tls, int32(unsafe.Sizeof(cursorC{})))
	if p == 0 {
		return lib.SQLITE_NOMEM
	}
	*at[cursorC](p) = cursorC{conn: v.conn, cursor: c.openCursor(c.catalog.modules[v.module].declared())}
	*at[uintptr](result) = p
	return lib.SQLITE_OK
}

func xClose(tls *libc.TLS, cursor uintptr) int32 {
	cc := at[cursorC](cursor)
	conns[cc.conn].closeCursor(cc.cursor)
	lib.Xsqlite3_free(tls, cursor)
	return lib.SQLITE_OK
}

func xFilter(tls *libc.TLS, cursor uintptr, index int32, _ uintptr, _ int32, arguments uintptr) int32 {
	cc := at[cursorC](cursor)
	c := conns[cc.conn]
	cu := c.cursors[cc.cursor]
	return cu.report(cc, cu.filter(cc, &c.plans[index], arguments))
}

func xNext(tls *libc.TLS, cursor uintptr) int32 {
	cc := at[cursorC](cursor)
	cc.row++
	cc.cells += cc.stride
	if cc.row < cc.rows || cc.ended != 0 {
		return lib.SQLITE_OK
	}
	cu := conns[cc.conn].cursors[cc.cursor]
	return cu.report(cc, cu.refill(cc))
}

func xEof(_ *libc.TLS, cursor uintptr) int32 {
	if cc := at[cursorC](cursor); cc.row < cc.rows {
		return 0
	}
	return 1
}

func xColumn(tls *libc.TLS, cursor, result uintptr, column int32) int32 {
	cc := at[cursorC](cursor)
	slot := *at[int16](cc.slots + 2*uintptr(column))
	if slot < 0 {
		if slot == isIdentity {
			conns[cc.conn].cursors[cc.cursor].resultIdentity(cc, result)
		}
		return lib.SQLITE_OK // NULL
	}
	c := at[cell](cc.cells + uintptr(slot)*cellBytes)
	switch c.kind {
	case tables.ValueInt:
		lib.Xsqlite3_result_int64(tls, result, int64(c.bits))
	case tables.ValueText:
		// Never SQLITE_STATIC: aggregates and sorters keep the pointer beyond the next batch.
		lib.Xsqlite3_result_text(tls, result, uintptr(c.bits), int32(c.n), lib.SQLITE_TRANSIENT)
	case tables.ValueFloat:
		lib.Xsqlite3_result_double(tls, result, *(*float64)(unsafe.Pointer(&c.bits)))
	case tables.ValueBlob:
		lib.Xsqlite3_result_blob(tls, result, uintptr(c.bits), int32(c.n), lib.SQLITE_TRANSIENT)
	}
	return lib.SQLITE_OK
}

// xRowid is never called for a WITHOUT ROWID table, but a module must have it.
func xRowid(*libc.TLS, uintptr, uintptr) int32 { return lib.SQLITE_ERROR }
