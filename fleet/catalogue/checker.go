// Package catalogue tells what can be asked: the tables of every platform, and whether a statement compiles and may be
// run by a scope.
package catalogue

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// Checker compiles statements against the catalogues of the platforms, so that a wrong one is refused before any agent
// is asked. It is safe for concurrent use.
type Checker struct {
	// Stored compiles statements over what agents told. Set it before the operations are served.
	Stored Stored

	engines []platformEngine
}

// Stored knows the tables of the last known state, which have columns that no agent has.
type Stored interface {
	Analyse(sql string) (*engine.Analysis, error)
	// MayAsk refuses what the scope's role may not read, and what is never collected.
	MayAsk(scope access.Scope, sql string) error
}

type platformEngine struct {
	platform tables.Platforms
	engine   *engine.Engine
}

// NewChecker opens one engine a platform.
func NewChecker() (*Checker, error) {
	c := &Checker{}
	for _, p := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
		e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: p})
		if err != nil {
			return nil, fmt.Errorf("open catalogue of %s: %w", p, err)
		}
		c.engines = append(c.engines, platformEngine{p, e})
	}
	return c, nil
}

// Close frees the engines.
func (c *Checker) Close() error {
	var errs []error
	for _, e := range c.engines {
		errs = append(errs, e.engine.Close())
	}
	return errors.Join(errs...)
}

// Compilers gives the engine of each platform, for loaders that compile what files hold.
func (c *Checker) Compilers() queries.Compilers {
	m := make(queries.Compilers, len(c.engines))
	for _, e := range c.engines {
		m[e.platform] = e.engine
	}
	return m
}

// Check compiles a statement. Without a platform it must compile on one at least; the error is that of the first. An
// error of the statement itself is an *engine.SQLError.
func (c *Checker) Check(sql string, platform tables.Platforms) (*engine.Analysis, error) {
	var first error
	for _, e := range c.engines {
		if platform != 0 && platform&e.platform == 0 {
			continue
		}
		analysis, err := e.engine.Check(sql)
		if err == nil {
			return analysis, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// Permit refuses a statement that does not compile, or that reads columns of a privacy class that the scope's role may
// not read, or tables that open network connections from the endpoint.
func (c *Checker) Permit(scope access.Scope, sql string) error {
	analysis, err := c.Check(sql, 0)
	if err != nil {
		return asFault(err)
	}
	return PermitReads(scope, analysis.Reads)
}

// PermitReads is Permit for what a statement reads, when it was compiled elsewhere.
func PermitReads(scope access.Scope, reads []engine.TableRef) error {
	for _, read := range reads {
		if read.Table.Network {
			return fault.Field(fault.Forbidden, "body.sql", "table %s opens network connections from the endpoint and is off for the fleet's SQL", read.Table.Name)
		}
		for _, class := range []struct {
			class      tables.Class
			permission access.Permission
		}{{tables.ClassSecret, ""}, {tables.ClassContent, access.QueryContent}, {tables.ClassPersonal, access.QueryPersonal}} {
			columns := columnsOf(read, class.class)
			if len(columns) == 0 || class.permission != "" && scope.Can(class.permission) {
				continue
			}
			if class.permission == "" {
				return fault.Field(fault.Forbidden, "body.sql", "%s never leaves the endpoint: %s.%s", class.class, read.Table.Name, strings.Join(columns, ", "))
			}
			return fault.Field(fault.Forbidden, "body.sql", "reading %s.%s needs the permission %s", read.Table.Name, strings.Join(columns, ", "), class.permission)
		}
	}
	return nil
}

func columnsOf(read engine.TableRef, class tables.Class) []string {
	var columns []string
	for _, name := range read.Columns {
		if i := read.Table.Column(name); i >= 0 && read.Table.Columns()[i].Class == class {
			columns = append(columns, name)
		}
	}
	slices.Sort(columns)
	return columns
}

func asFault(err error) error {
	var sqlError *engine.SQLError
	if errors.As(err, &sqlError) {
		return fault.Field(fault.Invalid, "body.sql", "%s", sqlError.Error())
	}
	return err
}
