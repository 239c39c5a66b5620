package engine

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"time"
	"unsafe"

	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// cursor reads one table for one place of a statement. Its generators run one after another in a coroutine that lives as
// long as the cursor: it is resumed for a batch, and gives control back when the batch is full or the generator returned.
type cursor struct {
	conn  *conn
	table *declared
	plan  *plan
	stats *TableStats

	batch       batch
	rowsMax     int          // of the next batch
	query       tables.Query // of the generator that runs; overwritten when it has returned or is abandoned
	wanted      []bool
	constraints []tables.Constraint
	values      []string // of all constraints, one after another
	slots       uintptr
	identity    *identities

	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	run    tables.Run // the table's generator, tied to add

	direct    bool // the generator runs without the coroutine
	overflow  bool // its rows did not fit into one batch
	manyRows  bool // they did not once: the coroutine serves from then on
	running   bool // a generator is suspended in emit
	abandoned bool // its rows are not wanted any more: emit returns ErrStop
	closing   bool // the coroutine must end
	err       error
}

// openCursor gives the place of a new cursor.
func (c *conn) openCursor(d *declared) int32 {
	cu := &cursor{conn: c, table: d, stats: c.run.statsOf(d)}
	cu.run = d.table.Bind(c.scanned, cu.add)
	if n := len(c.idle); n > 0 {
		place := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.cursors[place] = cu
		return place
	}
	c.cursors = append(c.cursors, cu)
	return int32(len(c.cursors) - 1)
}

func (c *conn) closeCursor(place int32) {
	cu := c.cursors[place]
	c.cursors[place] = nil
	c.idle = append(c.idle, place)
	cu.end()
	cu.batch.release(c.heap)
	c.heap.free(cu.slots)
}

// end unwinds the generator, if one is suspended, and ends the coroutine.
func (cu *cursor) end() {
	if cu.stop != nil {
		cu.abandoned, cu.closing = true, true
		cu.stop()
	}
}

// filter starts the generator on a new question and fetches its first batch.
func (cu *cursor) filter(cc *cursorC, p *plan, arguments uintptr) error {
	cc.row, cc.rows, cc.ended = 0, 0, 1
	d := cu.table
	if p.missing {
		return requiredError(d.table.Name)
	}
	if cu.run == nil {
		return unavailableError(cu.conn, d.table)
	}
	if cu.plan != p {
		if err := cu.setPlan(cc, p); err != nil {
			return err
		}
	}
	limit, possible := cu.question(p, arguments)
	if !possible {
		return nil // col = NULL, or IN an empty list: no row can match
	}
	cu.query = *tables.NewQuery(d.table, cu.constraints, cu.wanted, limit, cu.conn.run.cache)
	cu.rowsMax = batchRows
	if d.table.Cost == tables.Expensive {
		cu.rowsMax = 1 // LIMIT 1 must not hash 256 files
	}
	if cu.identity != nil {
		cu.identity.restart()
	}
	cu.stats.Calls++
	if p.point && !cu.manyRows && !cu.running {
		if err := cu.fill(cc, cu.generateDirectly); err != nil || !cu.overflow {
			return err
		}
		cu.manyRows = true
		cu.stats.Rows -= int64(cu.batch.rows) // they come again
	}
	if cu.resume == nil {
		cu.resume, cu.stop = iter.Pull(cu.work)
	}
	cu.abandoned = cu.running
	return cu.refill(cc)
}

// generateDirectly runs a generator that is asked for one key, and so for few rows, without the two switches of the
// coroutine, which cost as much as such a call. Where its rows do not fit into a batch, it is stopped and has to be asked
// once more.
func (cu *cursor) generateDirectly() {
	cu.direct, cu.overflow, cu.abandoned = true, false, false
	cu.err = cu.generate()
	cu.direct = false
}

// setPlan lays out the rows for the columns that the plan uses.
func (cu *cursor) setPlan(cc *cursorC, p *plan) error {
	d := cu.table
	if cu.slots == 0 {
		if cu.slots = cu.conn.heap.alloc(2 * len(d.source)); cu.slots == 0 {
			return errHeap
		}
		cc.slots = cu.slots
	}
	slots := unsafe.Slice(at[int16](cu.slots), len(d.source))
	cu.wanted = make([]bool, len(d.columns))
	place := make([]int16, len(d.columns))
	var columns []used
	for i, source := range d.source {
		slots[i] = noColumn
		if source == isIdentity {
			slots[i] = isIdentity
			continue
		}
		if source < 0 || !p.uses(i) {
			continue
		}
		if !cu.wanted[source] {
			cu.wanted[source] = true
			place[source] = int16(len(columns))
			c := &d.columns[source]
			columns = append(columns, used{c.Offset, c.Kind, c.Type == tables.Text && isNumber(c.Kind)})
		}
		slots[i] = place[source]
	}
	cu.batch.release(cu.conn.heap)
	cu.batch.setColumns(columns)
	cc.stride = cu.batch.stride
	cu.plan = p
	return nil
}

func isNumber(k tables.Kind) bool {
	switch k {
	case tables.KindString, tables.KindNullString, tables.KindBytes, tables.KindValue:
		return false
	}
	return true
}

// refill fetches the next batch.
func (cu *cursor) refill(cc *cursorC) error {
	return cu.fill(cc, func() { cu.resume() })
}

// fill has the generator make a batch.
func (cu *cursor) fill(cc *cursorC, generate func()) error {
	cc.row, cc.rows, cc.ended = 0, 0, 1 // the state after an error: no row, and none to come
	if err := cu.conn.interrupted(); err != nil {
		return err
	}
	if cu.identity != nil {
		cu.identity.nextBatch(cu.batch.rows)
	}
	cu.batch.reset(cu.conn.heap)
	cu.timed(generate)
	cu.stats.Rows += int64(cu.batch.rows)
	if err := cu.err; err != nil {
		cu.err = nil
		return err
	}
	cc.rows, cc.cells = int64(cu.batch.rows), cu.batch.cells
	if cu.running {
		cc.ended = 0
		cu.rowsMax = min(2*cu.rowsMax, batchRows)
	}
	return nil
}

// The clock costs as much as the switch to a generator: of a table that is asked very often, every 16th call is timed and
// stands for 16.
const (
	timedCalls = 256
	timedEvery = 16
)

// timed has the generator go on and adds the time that it takes.
func (cu *cursor) timed(generate func()) {
	weight := time.Duration(1)
	if cu.stats.Calls > timedCalls {
		if cu.stats.Calls%timedEvery != 0 {
			generate()
			return
		}
		weight = timedEvery
	}
	started := time.Since(cu.conn.run.started) // cheaper than time.Now
	generate()
	cu.stats.Wall += weight * (time.Since(cu.conn.run.started) - started)
}

// work is the coroutine: one generator after another, as filter asks for them.
func (cu *cursor) work(yield func(struct{}) bool) {
	cu.yield = yield
	for {
		cu.abandoned, cu.running = false, true
		err := cu.generate()
		cu.running = false
		if cu.closing {
			return
		}
		if cu.abandoned { // filter asks a new question
			continue
		}
		cu.err = err
		if !yield(struct{}{}) {
			return
		}
	}
}

// generate runs the table's generator once. A panic in it is its error.
func (cu *cursor) generate() (err error) {
	table := cu.table.table
	defer func() {
		if p := recover(); p != nil {
			cu.conn.log().Error("table panicked", "table", table.Name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("table %s: internal error: %v", table.Name, p)
		}
	}()
	err = cu.run(cu.conn.run.ctx, cu.conn.host, &cu.query)
	if errors.Is(err, tables.ErrStop) {
		return nil
	}
	return err
}

// add is the emit of generators: it copies the row, and at the end of a batch waits until SQLite has read it.
func (cu *cursor) add(row any) error {
	if cu.abandoned {
		return tables.ErrStop
	}
	if err := cu.conn.interrupted(); err != nil {
		return err
	}
	// A row is always a pointer, which is the interface's second word.
	if !cu.batch.add(cu.conn.heap, (*[2]unsafe.Pointer)(unsafe.Pointer(&row))[1]) {
		return errHeap
	}
	if !cu.batch.full(cu.rowsMax) {
		return nil
	}
	if cu.direct {
		cu.overflow, cu.abandoned = true, true
		return tables.ErrStop
	}
	cu.yield(struct{}{})
	if cu.abandoned {
		return tables.ErrStop
	}
	return nil
}

// errHeap stands for the heap limit until the statement ends with its LimitError.
var errHeap = errors.New("out of memory")

// report hands an error to SQLite: its text by the table, its cause by the statement.
func (cu *cursor) report(cc *cursorC, err error) int32 {
	if err == nil {
		return lib.SQLITE_OK
	}
	c := cu.conn
	if c.run.failure == nil {
		c.run.failure = tableError(cu.table.table, err)
	}
	if c.ending() != nil {
		return lib.SQLITE_INTERRUPT
	}
	if errors.Is(err, errHeap) {
		return lib.SQLITE_NOMEM
	}
	return lib.SQLITE_ERROR
}

// abandon gives up a connection whose statement did not return: the coroutines end, SQLite's memory stays as it is.
func (c *conn) abandon() {
	for _, cu := range slices.Backward(c.cursors) {
		if cu != nil {
			cu.end()
		}
	}
	conns[c.slot()] = nil
	heaps[c.slot()].Store(nil)
}
