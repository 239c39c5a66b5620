package engine

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// function is a SQL function of ours. A name that SQLite has too means ours.
type function struct {
	name     string
	min, max int // arguments; max -1: any number
	run      func(*call) error
	volatile bool // gives something else each time
}

// functions lists them all; a function's place is what SQLite hands back to xFunction.
var functions = slices.Concat(textFunctions, patternFunctions, safeFunctions, mathFunctions, digestFunctions, networkFunctions, pathFunctions, versionFunctions, timeFunctions)

// call is one call of a function: its arguments and where its result goes. Without a result it gives NULL.
type call struct {
	conn      *conn
	result    uintptr
	arguments uintptr
	n         int
}

func xFunction(tls *libc.TLS, result uintptr, n int32, arguments uintptr) {
	data := lib.Xsqlite3_user_data(tls, result)
	f := &functions[data>>16]
	k := call{conn: conns[data&0xffff], result: result, arguments: arguments, n: int(n)}
	if int(n) < f.min || f.max >= 0 && int(n) > f.max {
		k.fail(fmt.Errorf("wrong number of arguments to function %s()", f.name))
		return
	}
	defer func() {
		if p := recover(); p != nil {
			k.conn.log().Error("function panicked", "function", f.name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			k.fail(fmt.Errorf("function %s: internal error: %v", f.name, p))
		}
	}()
	if err := f.run(&k); err != nil {
		k.fail(err)
	}
}

func (k *call) fail(err error) {
	if k.conn.ending() != nil {
		lib.Xsqlite3_result_error_code(k.conn.tls, k.result, lib.SQLITE_INTERRUPT)
		return
	}
	if errors.Is(err, errHeap) {
		lib.Xsqlite3_result_error_nomem(k.conn.tls, k.result)
		return
	}
	message := err.Error()
	if p := k.conn.scratch.hold(k.conn.heap, message); p != 0 {
		lib.Xsqlite3_result_error(k.conn.tls, k.result, p, int32(len(message)))
		return
	}
	lib.Xsqlite3_result_error_nomem(k.conn.tls, k.result)
}

// The kinds of an argument are SQLite's: SQLITE_NULL, _INTEGER, _FLOAT, _TEXT, _BLOB.
func (k *call) kind(i int) int32 {
	return lib.Xsqlite3_value_type(k.conn.tls, argument(k.arguments, i))
}

func (k *call) null(i int) bool { return k.kind(i) == lib.SQLITE_NULL }

// anyNull tells whether one of the arguments is NULL, which most functions answer with NULL.
func (k *call) anyNull() bool {
	for i := range k.n {
		if k.null(i) {
			return true
		}
	}
	return false
}

// text gives an argument as text, valid until the function returns.
func (k *call) text(i int) string {
	v := argument(k.arguments, i)
	p := lib.Xsqlite3_value_text(k.conn.tls, v)
	return textAt(p, int(lib.Xsqlite3_value_bytes(k.conn.tls, v)))
}

func (k *call) int(i int) int64 {
	return lib.Xsqlite3_value_int64(k.conn.tls, argument(k.arguments, i))
}

func (k *call) float(i int) float64 {
	return lib.Xsqlite3_value_double(k.conn.tls, argument(k.arguments, i))
}

func (k *call) giveInt(v int64) error {
	lib.Xsqlite3_result_int64(k.conn.tls, k.result, v)
	return nil
}

func (k *call) giveBool(v bool) error {
	if v {
		return k.giveInt(1)
	}
	return k.giveInt(0)
}

func (k *call) giveFloat(v float64) error {
	lib.Xsqlite3_result_double(k.conn.tls, k.result, v)
	return nil
}

func (k *call) giveText(s string) error {
	p := k.conn.scratch.hold(k.conn.heap, s)
	if p == 0 {
		return errHeap
	}
	lib.Xsqlite3_result_text(k.conn.tls, k.result, p, int32(len(s)), lib.SQLITE_TRANSIENT)
	return nil
}

func (k *call) giveBlob(b []byte) error {
	p := k.conn.scratch.hold(k.conn.heap, unsafe.String(unsafe.SliceData(b), len(b)))
	if p == 0 {
		return errHeap
	}
	lib.Xsqlite3_result_blob(k.conn.tls, k.result, p, int32(len(b)), lib.SQLITE_TRANSIENT)
	return nil
}

// giveArgument gives an argument as it is.
func (k *call) giveArgument(i int) error {
	lib.Xsqlite3_result_value(k.conn.tls, k.result, argument(k.arguments, i))
	return nil
}
