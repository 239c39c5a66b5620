package engine

import (
	"context"
	"testing"

	"github.com/tenantra/tenantra/tables"
)

// fixed is a table of one row that tells which version of it answered.
func fixed(name, value string) *tables.Table {
	columns := []tables.Column{{Name: "value", Type: tables.Text, Doc: "Value."}}
	return tables.DefineValues(tables.Spec{Name: name, Doc: "Fixed.", Category: tables.System, Platforms: tables.AllPlatforms}, columns,
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func([]tables.Value) error) error {
			return emit([]tables.Value{tables.TextValue(value)})
		})
}

func TestSetTables(t *testing.T) {
	t.Parallel()
	e := newEngine(t, fixed("kept", "a"), fixed("left", "b"))
	expect(t, e, "SELECT k.value, l.value FROM kept k, left l", "a|b")
	if _, err := e.Check("SELECT * FROM left"); err != nil {
		t.Error(err)
	}
	if err := e.SetTables([]*tables.Table{fixed("kept", "c"), fixed("came", "d")}); err != nil {
		t.Fatal(err)
	}
	expect(t, e, "SELECT k.value, c.value FROM kept k, came c", "c|d")
	fails(t, e, "SELECT * FROM left", "no such table: left")
	if _, err := e.Check("SELECT * FROM came"); err != nil {
		t.Error(err)
	}
	if err := e.SetTables([]*tables.Table{fixed("twice", ""), fixed("Twice", "")}); err == nil {
		t.Error("two tables of one name were taken")
	}
	expect(t, e, "SELECT value FROM came", "d")
}

// TestSetTablesWhileOneRuns holds that a statement ends with the tables that it began with, and that its connection does not
// serve a later one.
func TestSetTablesWhileOneRuns(t *testing.T) {
	t.Parallel()
	began, goOn := make(chan struct{}), make(chan struct{})
	slow := generated("slow", func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*oneColumn) error) error {
		close(began)
		<-goOn
		return emit(&oneColumn{})
	})
	e := newEngineWith(t, Options{Tables: []*tables.Table{slow, fixed("left", "b")}, Pool: 1})
	done := make(chan []string)
	go func() {
		result, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT l.value FROM slow s CROSS JOIN left l"})
		if err != nil {
			t.Error(err)
			close(done)
			return
		}
		done <- lines(result)
	}()
	<-began
	if err := e.SetTables([]*tables.Table{fixed("came", "d")}); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	if got := <-done; len(got) != 1 || got[0] != "b" {
		t.Errorf("the statement that ran gave %q", got)
	}
	fails(t, e, "SELECT * FROM left", "no such table: left")
	expect(t, e, "SELECT value FROM came", "d")
}
