package main

import (
	"context"
	"fmt"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

type ours struct{ *engine.Engine }

func emitAll[T any](rows []T) tables.Generator[T] {
	return func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*T) error) error {
		for i := range rows {
			if err := emit(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

func spec(name string) tables.Spec {
	return tables.Spec{Name: name, Platforms: tables.AllPlatforms}
}

func generateHashes(_ context.Context, _ tables.Host, q *tables.Query, emit func(*hash) error) error {
	for _, path := range q.Equal("path") {
		if digest, ok := digests[path]; ok {
			if err := emit(&hash{path, digest}); err != nil {
				return err
			}
		}
	}
	return nil
}

func newOurs() (subject, error) {
	return open([]*tables.Table{
		tables.Define(spec("t"), emitAll(wides)),
		tables.Define(spec("files"), emitAll(files)),
		tables.Define(spec("hashes"), generateHashes),
	})
}

var smalls = func() []*tables.Table {
	var list []*tables.Table
	for i := range smallCount {
		list = append(list, tables.Define(spec(fmt.Sprint("small_", i)), emitAll([]small{{A: 1}})))
	}
	return list
}()

func openOurs() (subject, error) { return open(smalls) }

func open(list []*tables.Table) (subject, error) {
	e, err := engine.New(engine.Options{Tables: list})
	if err != nil {
		return nil, err
	}
	return ours{e}, nil
}

func (o ours) close() error { return o.Close() }

func (o ours) query(sql string) (int, error) {
	var s reader
	_, err := o.Query(context.Background(), engine.Statement{SQL: sql, Limits: engine.NoLimits}, &s)
	return s.rows, err
}

// reader looks at every value.
type reader struct {
	rows int
	sum  int64
}

func (r *reader) Columns([]string) error { return nil }

func (r *reader) Row(row *engine.Row) error {
	r.rows++
	for i := range row.Len() {
		switch row.Type(i) {
		case tables.ValueInt:
			r.sum += row.Int(i)
		case tables.ValueFloat:
			r.sum += int64(row.Float(i))
		case tables.ValueText, tables.ValueBlob:
			r.sum += int64(len(row.Bytes(i)))
		}
	}
	return nil
}
