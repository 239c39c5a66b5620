package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// executionsMax bounds how many of the latest statements are kept.
const executionsMax = 1000

// Run is what one scheduled query did so far.
type Run struct {
	QueryVersion string
	LastRun      time.Time // when it began
	NextRun      time.Time
	Executions   int64
	Status       string // ok, error, limited
	Error        string
	Breaches     int  // of its budget, in a row
	Denied       bool // waits longer than its interval because of them
	Rows, Bytes  int64
	Wall, CPU    time.Duration
}

// Runs gives what each scheduled query did, by collection.
func (db *DB) Runs(ctx context.Context) (map[string]Run, error) {
	rows, err := db.sql.QueryContext(ctx, `
		SELECT collection, version, last_run, next_run, executions, status, error, breaches, denied, rows, bytes, wall, cpu FROM schedule`)
	if err != nil {
		return nil, fmt.Errorf("state: read schedule: %w", err)
	}
	defer rows.Close()
	runs := map[string]Run{}
	for rows.Next() {
		var name string
		var r Run
		var last, next, wall, cpu int64
		if err := rows.Scan(&name, &r.QueryVersion, &last, &next, &r.Executions, &r.Status, &r.Error, &r.Breaches, &r.Denied, &r.Rows, &r.Bytes, &wall, &cpu); err != nil {
			return nil, fmt.Errorf("state: read schedule: %w", err)
		}
		r.LastRun, r.NextRun = time.UnixMilli(last), time.UnixMilli(next)
		r.Wall, r.CPU = time.Duration(wall)*time.Microsecond, time.Duration(cpu)*time.Microsecond
		runs[name] = r
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("state: read schedule: %w", err)
	}
	return runs, nil
}

// SaveRun stores what a scheduled query did so far.
func SaveRun(ctx context.Context, tx *sql.Tx, collection string, r Run) error {
	_, err := tx.ExecContext(ctx, `
		INSERT OR REPLACE INTO schedule (collection, version, last_run, next_run, executions, status, error, breaches, denied, rows, bytes, wall, cpu)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		collection, r.QueryVersion, r.LastRun.UnixMilli(), r.NextRun.UnixMilli(), r.Executions, r.Status, r.Error, r.Breaches, r.Denied,
		r.Rows, r.Bytes, r.Wall.Microseconds(), r.CPU.Microseconds())
	if err != nil {
		return fmt.Errorf("state: save schedule of %s: %w", collection, err)
	}
	return nil
}

// SaveExecution keeps one statement that ran among the latest.
func SaveExecution(ctx context.Context, tx *sql.Tx, e tables.Execution) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO executions (at, kind, name, sql, status, error, rows, bytes, wall, cpu) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.At.UnixMilli(), e.Kind, e.Name, e.SQL, e.Status, e.Error, e.Rows, e.Bytes, e.Wall.Microseconds(), e.CPU.Microseconds()); err != nil {
		return fmt.Errorf("state: save execution: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM executions WHERE id <= (SELECT max(id) FROM executions) - ?", executionsMax); err != nil {
		return fmt.Errorf("state: save execution: %w", err)
	}
	return nil
}

// Executions gives the latest statements, oldest first.
func (db *DB) Executions(ctx context.Context) ([]tables.Execution, error) {
	rows, err := db.sql.QueryContext(ctx, `
		SELECT at, kind, name, sql, status, error, rows, bytes, wall, cpu FROM executions ORDER BY id LIMIT ?`, executionsMax)
	if err != nil {
		return nil, fmt.Errorf("state: read executions: %w", err)
	}
	defer rows.Close()
	var list []tables.Execution
	for rows.Next() {
		var e tables.Execution
		var at, wall, cpu int64
		if err := rows.Scan(&at, &e.Kind, &e.Name, &e.SQL, &e.Status, &e.Error, &e.Rows, &e.Bytes, &wall, &cpu); err != nil {
			return nil, fmt.Errorf("state: read executions: %w", err)
		}
		e.At, e.Wall, e.CPU = time.UnixMilli(at), time.Duration(wall)*time.Microsecond, time.Duration(cpu)*time.Microsecond
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("state: read executions: %w", err)
	}
	return list, nil
}
