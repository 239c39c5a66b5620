package all

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func TestNamesAreUniqueAndInSnakeCase(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, table := range Tables() {
		for _, name := range append([]string{table.Name}, table.Aliases...) {
			if !snakeCase.MatchString(name) {
				t.Errorf("table %s: name %q is not snake_case", table.Name, name)
			}
			if other, taken := owner[name]; taken {
				t.Errorf("tables %s and %s are both named %s", other, table.Name, name)
			}
			owner[name] = table.Name
			if Find(name) != table {
				t.Errorf("table %s is not found by its name %s", table.Name, name)
			}
		}
	}
}

func TestTablesDescribeThemselves(t *testing.T) {
	t.Parallel()
	for _, table := range Tables() {
		if !sentence(table.Doc) {
			t.Errorf("table %s: doc %q is no sentence", table.Name, table.Doc)
		}
		if !slices.Contains(tables.Categories, table.Category) {
			t.Errorf("table %s: category %q is none of the twelve", table.Name, table.Category)
		}
		if table.Platforms == 0 {
			t.Errorf("table %s is on no platform", table.Name)
		}
		if len(table.Examples) == 0 {
			t.Errorf("table %s has no example", table.Name)
		}
		for _, example := range table.Examples {
			if !regexp.MustCompile(`\b` + table.Name + `\b`).MatchString(example) {
				t.Errorf("table %s: the example %q does not use it", table.Name, example)
			}
		}
		for _, column := range table.Columns() {
			if !sentence(column.Doc) {
				t.Errorf("table %s, column %s: doc %q is no sentence", table.Name, column.Name, column.Doc)
			}
		}
	}
}

// sentence tells whether text starts with a capital or a name and ends in a full stop.
func sentence(text string) bool {
	return len(text) > 3 && strings.HasSuffix(text, ".") && strings.TrimSpace(text) == text
}

func TestListsAreSorted(t *testing.T) {
	t.Parallel()
	byName := func(a, b *tables.Table) int { return strings.Compare(a.Name, b.Name) }
	for _, category := range categories {
		if !slices.IsSortedFunc(category, byName) {
			t.Errorf("the tables of %s are not sorted", category[0].Category)
		}
		for _, table := range category {
			if table.Category != category[0].Category {
				t.Errorf("table %s is of category %s, in the list of %s", table.Name, table.Category, category[0].Category)
			}
		}
	}
	if !slices.IsSortedFunc(categories, func(a, b []*tables.Table) int {
		return slices.Index(tables.Categories, a[0].Category) - slices.Index(tables.Categories, b[0].Category)
	}) {
		t.Error("the packages are not in the order of the categories")
	}
}

// osqueryTable is what osquery-schema.json tells of a table.
type osqueryTable struct {
	Name      string
	Platforms []string
	Aliases   []string
	Columns   []osqueryColumn
}

type osqueryColumn struct {
	Name                                string
	Type                                string
	Required, Index, Additional, Hidden bool
	Collate                             string
	Aliases, Platforms                  []string
}

// TestColumnsAreOsquerys compares the tables that carry osquery's names with its schema: public queries run unchanged.
func TestColumnsAreOsquerys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../shared/schema/osquery-schema.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("osquery's schema is not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Tables []osqueryTable }
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, want := range schema.Tables {
		table := Find(want.Name)
		if table == nil {
			if slices.Contains(want.Platforms, "linux") {
				t.Errorf("table %s of osquery's Linux catalogue is not declared", want.Name)
			}
			continue
		}
		compared++
		compareTable(t, table, want)
	}
	if compared == 0 {
		t.Error("no table carries an osquery name")
	}
}

func compareTable(t *testing.T, table *tables.Table, want osqueryTable) {
	for _, alias := range want.Aliases {
		if !slices.Contains(table.Aliases, alias) {
			t.Errorf("table %s lacks the alias %s", table.Name, alias)
		}
	}
	for _, platform := range want.Platforms {
		if !slices.Contains(table.Platforms.Names(), platform) {
			t.Errorf("table %s lacks the platform %s", table.Name, platform)
		}
	}
	var order, wantOrder []string
	for _, column := range table.Columns() {
		if !column.Hidden {
			order = append(order, column.Name)
		}
	}
	for _, column := range want.Columns {
		if !column.Hidden {
			wantOrder = append(wantOrder, column.Name)
		}
	}
	if table.Name != want.Name && len(order) > len(wantOrder) {
		order = order[:len(wantOrder)] // a table of our own that has osquery's name as an alias may show more
	}
	if !slices.Equal(order, wantOrder) { // hidden columns may be added; SELECT * stays what it is
		t.Errorf("table %s shows the columns %v, osquery's %v", table.Name, order, wantOrder)
	}
	for _, wanted := range want.Columns {
		i := table.Column(wanted.Name)
		if i < 0 {
			t.Errorf("table %s lacks the column %s", table.Name, wanted.Name)
			continue
		}
		got := table.Columns()[i]
		if have, must := describe(got), wanted.describe(); have != must {
			t.Errorf("table %s, column %s: is %s, osquery's is %s", table.Name, wanted.Name, have, must)
		}
	}
}

func describe(c tables.Column) string {
	return fmt.Sprintf("%s %s required=%t index=%t additional=%t hidden=%t collate=%s aliases=%v on=%s",
		c.Name, c.Type, c.Required, c.Index, c.Additional, c.Hidden, c.Collate, sortedCopy(c.Aliases), strings.Join(c.OS.Names(), ","))
}

func (c osqueryColumn) describe() string {
	platforms, err := tables.ParsePlatforms(strings.Join(c.Platforms, ","))
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s required=%t index=%t additional=%t hidden=%t collate=%s aliases=%v on=%s",
		c.Name, c.Type, c.Required, c.Index, c.Additional, c.Hidden, c.Collate, sortedCopy(c.Aliases), strings.Join(platforms.Names(), ","))
}

func sortedCopy(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
}

// TestSmoke generates each table that needs no constraint, with all columns, on the machine that the test runs on: no
// error, no panic, within a deadline. What a machine has differs, so rows are not counted.
func TestSmoke(t *testing.T) {
	t.Parallel()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range Tables() {
		if !table.Available() || table.Network || needsConstraint(table) {
			continue
		}
		t.Run(table.Name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			// Rows past a bound say nothing new; stopping tests that a generator passes the error of emit on.
			const enough = 20_000
			rows := 0
			err := table.Generate(ctx, h, tabletest.Query(table, nil, nil), func(any) error {
				if rows++; rows > enough {
					return tables.ErrStop
				}
				return nil
			})
			if err != nil && !(errors.Is(err, tables.ErrStop) && rows > enough) {
				t.Error(err)
			}
			if err == nil && rows > enough {
				t.Errorf("the error of emit got lost")
			}
			t.Logf("%d rows", rows)
		})
	}
}

// TestGeneratorsStopWhenTold checks that a generator ends with the error that emit gives for the first row.
func TestGeneratorsStopWhenTold(t *testing.T) {
	t.Parallel()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range Tables() {
		if !table.Available() || table.Network || table.Cost == tables.Expensive || needsConstraint(table) {
			continue
		}
		rows := 0
		err := table.Generate(t.Context(), h, tabletest.Query(table, nil, nil), func(any) error {
			rows++
			return tables.ErrStop
		})
		if rows > 1 || rows == 1 && !errors.Is(err, tables.ErrStop) {
			t.Errorf("table %s: %d rows after the first was refused, error %v", table.Name, rows-1, err)
		}
	}
}

func needsConstraint(table *tables.Table) bool {
	return slices.ContainsFunc(table.Columns(), func(c tables.Column) bool { return c.Required })
}
