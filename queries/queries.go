// Package queries answers what a person may want to ask a machine: the library of saved queries, one .sql file each.
//
// A file begins with comments that describe it; the SQL follows:
//
//	-- name: Programs that listen
//	-- description: Every socket that waits for others, with the program behind it.
//	-- platforms: linux darwin
//	-- tags: network exposure
//	SELECT …
package queries

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

//go:embed *.sql
var embedded embed.FS

// Embedded holds the product's own queries.
func Embedded() fs.FS { return embedded }

// Query is a saved query.
type Query struct {
	ID          string // the file's name without .sql
	Name        string
	Description string
	Platforms   tables.Platforms
	Tags        []string // sorted
	SQL         string   // without the describing comments

	Columns []string
	Class   tables.Class // the highest privacy class among what it reads
}

// Compiler tells what a statement gives and reads. *engine.Engine is one.
type Compiler interface {
	Check(sql string) (*engine.Analysis, error)
}

// Compilers has one for each platform.
type Compilers map[tables.Platforms]Compiler

const (
	maxBytes = 64 << 10
	maxName  = 120
)

// Load reads every .sql file in a file system's root, sorted by id. Its error joins the mistakes of all files, each a
// *document.Error.
func Load(files fs.FS, compilers Compilers) ([]*Query, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list saved queries: %w", err)
	}
	var found []*Query
	var mistakes []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read saved query: %w", err)
		}
		q, err := Parse(name, text, compilers)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		found = append(found, q)
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *Query) int { return strings.Compare(a.ID, b.ID) })
	return found, nil
}

// Parse reads one file and compiles it on each of its platforms. Its error is a *document.Error.
func Parse(file string, text []byte, compilers Compilers) (*Query, error) {
	fail := func(line, column int, format string, args ...any) (*Query, error) {
		return nil, &document.Error{File: file, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
	}
	if len(text) > maxBytes {
		return fail(1, 1, "the file has %d bytes; at most %d are allowed", len(text), maxBytes)
	}
	q := &Query{ID: strings.TrimSuffix(path.Base(file), ".sql")}
	lines := strings.Split(string(text), "\n")
	head := 0
	seen := map[string]bool{}
	for ; head < len(lines); head++ {
		comment, ok := strings.CutPrefix(lines[head], "-- ")
		if !ok {
			break
		}
		key, value, ok := strings.Cut(comment, ":")
		value = strings.TrimSpace(value)
		if !ok || value == "" {
			return fail(head+1, 1, "a line of the head is -- key: value")
		}
		if seen[key] {
			return fail(head+1, 4, "%s is there twice", key)
		}
		seen[key] = true
		switch key {
		case "name":
			q.Name = value
		case "description":
			q.Description = value
		case "tags":
			q.Tags = slices.Sorted(slices.Values(strings.Fields(value)))
		case "platforms":
			var err error
			if q.Platforms, err = tables.ParsePlatforms(value); err != nil {
				return fail(head+1, 4, "%v", err)
			}
		default:
			return fail(head+1, 4, "unknown key %q; there are name, description, platforms and tags", key)
		}
	}
	if q.Name == "" || len(q.Name) > maxName || q.Description == "" || q.Platforms == 0 {
		return fail(1, 1, "the head has name (at most %d bytes), description and platforms", maxName)
	}
	q.SQL = strings.TrimRight(strings.Join(lines[head:], "\n"), " \t\r\n")
	for _, name := range q.Platforms.Names() {
		platform, err := tables.ParsePlatforms(name)
		if err != nil {
			return fail(1, 1, "%v", err)
		}
		compiler := compilers[platform]
		if compiler == nil {
			return fail(1, 1, "queries for %s cannot be compiled here", name)
		}
		a, err := compiler.Check(q.SQL)
		if err != nil {
			var sql *engine.SQLError
			if errors.As(err, &sql) && sql.Line > 0 {
				return fail(head+sql.Line, sql.Column, "on %s: %s", name, sql.Message)
			}
			return fail(head+1, 1, "on %s: %v", name, err)
		}
		q.Columns = a.Columns
		for _, read := range a.Reads {
			q.Class = max(q.Class, read.Class())
		}
	}
	if q.Class == tables.ClassSecret {
		return fail(head+1, 1, "the SQL reads a secret column, which never leaves a machine")
	}
	return q, nil
}
