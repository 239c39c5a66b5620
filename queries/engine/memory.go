package engine

import (
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	lib "modernc.org/sqlite/lib"
)

// at gives a typed pointer to memory that SQLite or the engine allocated off the Go heap. Such memory does not move and
// is not collected, so a number may become a pointer; going through the number's address says so to go vet and to the
// race detector's checkptr, which must assume the contrary. Never call it with an address on the Go heap.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// view gives n bytes of off-heap memory.
func view(address uintptr, n int) []byte {
	if address == 0 || n <= 0 {
		return nil
	}
	return unsafe.Slice(at[byte](address), n)
}

// textAt gives off-heap bytes as a string without copying: valid as long as the memory is.
func textAt(address uintptr, n int) string {
	if address == 0 || n <= 0 {
		return ""
	}
	return unsafe.String(at[byte](address), n)
}

// fn gives a function the form in which SQLite keeps pointers to it. Only top-level functions: the collector does not
// see the reference.
func fn[T any](f T) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f T }{f})) }

// A heap counts what one connection holds off the Go heap, and refuses beyond its limit. SQLite's own hard heap limit
// is one for the process: a statement that runs into it would take the memory from the agent's spool. All allocations of
// a connection are made with its own libc.TLS, so a heap is found by that.
type heap struct {
	tls      *libc.TLS
	used     int64
	limit    int64 // 0: none
	exceeded bool
}

// heaps finds a connection's heap by the last bits of its TLS's number; newHeap sees to it that no two share a place.
var heaps [1024]atomic.Pointer[heap]

var errTooManyConnections = errors.New("engine: too many SQLite connections in this process")

func newHeap() (*heap, error) {
	var spare []*libc.TLS
	defer func() {
		for _, tls := range spare {
			tls.Close()
		}
	}()
	for range heaps {
		h := &heap{tls: libc.NewTLS()}
		if heaps[h.slot()].CompareAndSwap(nil, h) {
			return h, nil
		}
		spare = append(spare, h.tls)
	}
	return nil, errTooManyConnections
}

func (h *heap) slot() int { return int(uint32(h.tls.ID) % uint32(len(heaps))) }

func (h *heap) close() {
	heaps[h.slot()].Store(nil)
	h.tls.Close()
}

func heapOf(tls *libc.TLS) *heap {
	if h := heaps[uint32(tls.ID)%uint32(len(heaps))].Load(); h != nil && h.tls == tls {
		return h
	}
	return nil // a connection of the stock driver
}

// take books n more bytes, or refuses.
func (h *heap) take(n int64) bool {
	if h.limit > 0 && h.used+n > h.limit {
		h.exceeded = true
		return false
	}
	h.used += n
	return true
}

// alloc gives n bytes, or 0 at the limit.
func (h *heap) alloc(n int) uintptr { return sqliteMalloc(h.tls, int32(n)) }

func (h *heap) free(p uintptr) { sqliteFree(h.tls, p) }

// blockHead is where a block's size is kept, before it, as SQLite's own allocator does.
const blockHead = 8

func sqliteMalloc(tls *libc.TLS, n int32) uintptr {
	h := heapOf(tls)
	if h != nil && !h.take(int64(n)) {
		return 0
	}
	p := libc.Xmalloc(tls, types.Size_t(n)+blockHead)
	if p == 0 {
		if h != nil {
			h.used -= int64(n)
		}
		return 0
	}
	*at[int64](p) = int64(n)
	return p + blockHead
}

func sqliteFree(tls *libc.TLS, p uintptr) {
	if p == 0 {
		return
	}
	if h := heapOf(tls); h != nil {
		h.used -= *at[int64](p - blockHead)
	}
	libc.Xfree(tls, p-blockHead)
}

func sqliteRealloc(tls *libc.TLS, p uintptr, n int32) uintptr {
	h := heapOf(tls)
	more := int64(n) - *at[int64](p - blockHead)
	if h != nil && !h.take(more) {
		return 0
	}
	moved := libc.Xrealloc(tls, p-blockHead, types.Size_t(n)+blockHead)
	if moved == 0 {
		if h != nil {
			h.used -= more
		}
		return 0
	}
	*at[int64](moved) = int64(n)
	return moved + blockHead
}

func sqliteSize(_ *libc.TLS, p uintptr) int32 {
	if p == 0 {
		return 0
	}
	return int32(*at[int64](p - blockHead))
}

func sqliteRoundup(_ *libc.TLS, n int32) int32 { return (n + 7) &^ 7 }

func sqliteMemoryInit(*libc.TLS, uintptr) int32 { return lib.SQLITE_OK }

func sqliteMemoryShutdown(*libc.TLS, uintptr) {}

// The slots in which SQLite keeps small structures of a connection without asking the allocator.
const lookasideBytes, lookasideSlots = 1200, 10

// counted is the outcome of putting the allocator above in SQLite's place. That works only before the process's first
// connection, of whichever package, so it happens when this package is initialised: after lib, before any main. A
// program that opens a database in an init function that runs earlier makes New fail, with the reason.
var counted = countMemory()

func countMemory() error {
	tls := libc.NewTLS()
	defer tls.Close()
	methods := libc.Xcalloc(tls, 1, types.Size_t(unsafe.Sizeof(lib.Tsqlite3_mem_methods{}))) // SQLite copies it
	defer libc.Xfree(tls, methods)
	*at[lib.Tsqlite3_mem_methods](methods) = lib.Tsqlite3_mem_methods{
		FxMalloc: fn(sqliteMalloc), FxFree: fn(sqliteFree), FxRealloc: fn(sqliteRealloc), FxSize: fn(sqliteSize),
		FxRoundup: fn(sqliteRoundup), FxInit: fn(sqliteMemoryInit), FxShutdown: fn(sqliteMemoryShutdown),
	}
	args := libc.NewVaList(methods)
	defer libc.Xfree(tls, args)
	if rc := lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_MALLOC, args); rc != lib.SQLITE_OK {
		return fmt.Errorf("engine: SQLite was in use before package engine was initialised (code %d): "+
			"open no database in an init function", rc)
	}
	// Each connection links its small fixed memory in a list when it opens, which touches all of it: 12 pages by SQLite's own choice.
	slots := libc.NewVaList(int32(lookasideBytes), int32(lookasideSlots))
	defer libc.Xfree(tls, slots)
	if rc := lib.Xsqlite3_config(tls, lib.SQLITE_CONFIG_LOOKASIDE, slots); rc != lib.SQLITE_OK {
		return fmt.Errorf("engine: configure SQLite's memory: code %d", rc)
	}
	return nil
}
