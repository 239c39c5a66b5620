package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	lib "modernc.org/sqlite/lib"

	"github.com/tenantra/tenantra/tables"
)

// positioned makes an error at a byte of the text.
func (c *conn) positioned(message string, code Code, sql string, offset int) *SQLError {
	e := &SQLError{Message: message, Code: code, Offset: offset}
	if offset >= 0 && offset <= len(sql) {
		before := sql[:offset]
		e.Line = strings.Count(before, "\n") + 1
		e.Column = offset - strings.LastIndexByte(before, '\n')
	}
	return e
}

var noSuchTable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^no such table: (?:main\.|temp\.)?(\S+)$`) })

// compileError explains why the statement that starts at offset start of the text does not compile.
func (c *conn) compileError(rc int32, sql string, start int) error {
	message := c.message()
	offset := int(lib.Xsqlite3_error_offset(c.tls, c.db))
	if offset >= 0 {
		offset += start
	}
	if c.heap.exceeded || rc == lib.SQLITE_NOMEM {
		return c.outOfMemory()
	}
	if rc == lib.SQLITE_INTERRUPT {
		if err := c.ending(); err != nil {
			return err
		}
	}
	if refusal := c.reading.refusal; refusal != "" {
		return c.positioned(refusal, CodeNotAllowed, sql, offset)
	}
	if found := noSuchTable().FindStringSubmatch(message); found != nil {
		if table := c.catalog.elsewhere(found[1]); table != nil {
			message += fmt.Sprintf(" (exists on %s)", strings.Join(table.Platforms.Names(), ", "))
		}
		return c.positioned(message, CodeNoTable, sql, offset)
	}
	if message == "no query solution" && c.required != "" {
		return requiredError(c.required)
	}
	if rc == lib.SQLITE_TOOBIG || strings.Contains(message, "too many") || strings.Contains(message, "too large") {
		return c.positioned(message, CodeTooBig, sql, offset)
	}
	return c.positioned(message, CodeSyntax, sql, offset)
}

// stepError explains why a statement ended that ran.
func (c *conn) stepError(r *run, rc int32) error {
	if err := c.ending(); err != nil {
		return err
	}
	if c.heap.exceeded || rc == lib.SQLITE_NOMEM {
		return c.outOfMemory()
	}
	if r.failure != nil {
		return r.failure
	}
	code := CodeRun
	if rc == lib.SQLITE_TOOBIG {
		code = CodeTooBig
	}
	return &SQLError{Message: c.message(), Code: code, Offset: -1}
}

func (c *conn) outOfMemory() error {
	if c.run != nil && c.run.limits.Heap > 0 {
		return heapLimit(c.run.limits.Heap)
	}
	return &SQLError{Message: "out of memory", Code: CodeRun, Offset: -1}
}

// explain gives the error that leaves the package.
func (c *conn) explain(err error) error {
	if sink := (sinkError{}); errors.As(err, &sink) {
		return sink.error
	}
	if limit := (*LimitError)(nil); errors.As(err, &limit) {
		return limit
	}
	if errors.Is(err, context.Cause(c.run.ctx)) {
		return ended(c.run.ctx)
	}
	return err
}

func requiredError(table string) *SQLError {
	return &SQLError{
		Message: fmt.Sprintf("Table %s was queried without a required column in the WHERE clause", table),
		Code:    CodeRequired, Offset: -1,
	}
}

func unavailableError(c *conn, table *tables.Table) *SQLError {
	message := fmt.Sprintf("table %s has no source of data in this build", table.Name)
	if !c.here {
		message = fmt.Sprintf("table %s belongs to another platform (%s): the statement can be checked here, not run",
			table.Name, strings.Join(table.Platforms.Names(), ", "))
	}
	return &SQLError{Message: message, Code: CodeTable, Offset: -1, Err: errors.ErrUnsupported}
}

// tableError names the table in a generator's error.
func tableError(table *tables.Table, err error) error {
	if already := (*SQLError)(nil); errors.As(err, &already) {
		return already
	}
	message := err.Error()
	if !strings.HasPrefix(message, "table ") {
		message = "table " + table.Name + ": " + message
	}
	return &SQLError{Message: message, Code: CodeTable, Offset: -1, Err: err}
}
