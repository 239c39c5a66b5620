package alertrules

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Table is rows of one collection of an agent, or of one of the fixed tables.
type Table struct {
	Columns []string
	Rows    [][]tables.Value
}

// Input is what a rule is judged on.
type Input struct {
	Agent  rules.Agent
	Tables map[string]Table // by table name; one that is missing has no rows
	// What the tenant says over the rule's own values. nil keeps them.
	Threshold *int
	Params    map[string]any
}

// Firing is one group of rows for which the rule fires.
type Firing struct {
	Group   []string // the values of the rule's GroupBy, in its order
	Message string
	Columns []string
	Rows    [][]tables.Value // at most as many as an evaluation may have
}

// RowGroup is the part of the group that comes from the rows, "" where the rule groups by agents only.
func (r *Rule) RowGroup(f Firing) string {
	var parts []string
	for i, part := range r.GroupBy {
		if !strings.HasPrefix(part, "agent.") {
			parts = append(parts, f.Group[i])
		}
	}
	return strings.Join(parts, " ")
}

// Evaluate says for which groups of the rows the rule fires, in the order in which the groups appear. Rows that are not
// there make one group, so that a rule can fire because something is missing.
func (r *Rule) Evaluate(ctx context.Context, in Input) ([]Firing, error) {
	columns, cells, err := r.rows(ctx, in)
	if err != nil {
		return nil, err
	}
	input := rules.Input{Agent: in.Agent, Threshold: r.Threshold}
	if in.Threshold != nil {
		input.Threshold = *in.Threshold
	}
	if input.Params, err = r.Params.With(in.Params); err != nil {
		return nil, fmt.Errorf("the tenant's parameters do not fit rule %s: %w", r.ID, err)
	}
	var fired []Firing
	for _, g := range r.groups(in.Agent, columns, cells) {
		input.Rows = rules.RowsOf(columns, g.rows)
		fires, err := r.When.Eval(input)
		if err != nil {
			return nil, fmt.Errorf("rule %s cannot be judged: when: %w", r.ID, err)
		}
		if fires {
			fired = append(fired, Firing{g.values, r.Message.Fill(input, nil), columns, g.rows})
		}
	}
	return fired, nil
}

// rows gives what the expression sees.
func (r *Rule) rows(ctx context.Context, in Input) ([]string, [][]tables.Value, error) {
	laid := make(map[string][][]tables.Value, len(r.schemas))
	for _, s := range r.schemas {
		laid[s.table] = lay(s.columns, in.Tables[s.table])
	}
	if r.SQL == "" {
		rows := laid[r.schemas[0].table]
		if len(rows) > rowsMax {
			return nil, nil, fmt.Errorf("rule %s cannot be judged: there are more than %d rows; narrow them by sql", r.ID, rowsMax)
		}
		return r.Columns, rows, nil
	}
	result, err := r.compiler.run(ctx, r.schemas, r.SQL, laid)
	if err != nil {
		return nil, nil, fmt.Errorf("rule %s cannot be judged: sql: %w", r.ID, err)
	}
	return r.Columns, result.Rows, nil
}

// lay puts rows under the columns that the rule was compiled for: agents of another version may tell more or fewer.
func lay(columns []string, t Table) [][]tables.Value {
	if slices.Equal(columns, t.Columns) {
		return t.Rows
	}
	at := make([]int, len(columns))
	for i, name := range columns {
		at[i] = slices.Index(t.Columns, name)
	}
	rows := make([][]tables.Value, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]tables.Value, len(columns))
		for j, from := range at {
			if from >= 0 {
				rows[i][j] = row[from]
			}
		}
	}
	return rows
}

type group struct {
	values []string
	rows   [][]tables.Value
}

func (r *Rule) groups(agent rules.Agent, columns []string, rows [][]tables.Value) []group {
	value := func(row []tables.Value) []string {
		values := make([]string, len(r.GroupBy))
		for i, part := range r.GroupBy {
			switch part {
			case "agent.id":
				values[i] = agent.ID
			case "agent.hostname":
				values[i] = agent.Hostname
			case "agent.platform":
				values[i] = agent.Platform
			case "agent.os_name":
				values[i] = agent.OSName
			default:
				if row != nil {
					values[i] = row[slices.Index(columns, part)].String()
				}
			}
		}
		return values
	}
	byRows := slices.ContainsFunc(r.GroupBy, func(part string) bool { return !strings.HasPrefix(part, "agent.") })
	if !byRows {
		return []group{{value(nil), rows}}
	}
	var groups []group
	at := map[string]int{}
	for _, row := range rows {
		values := value(row)
		key := strings.Join(values, "\x00")
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, group{values: values})
		}
		groups[i].rows = append(groups[i].rows, row)
	}
	return groups
}
