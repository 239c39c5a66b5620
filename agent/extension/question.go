package extension

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// The comparisons of a constraint, as osquery numbers them.
const (
	opEqual        = 2
	opGreater      = 4
	opLessEqual    = 8
	opLess         = 16
	opGreaterEqual = 32
	opLike         = 65
	opGlob         = 66
)

// queryContext is what osquery asks of a table, as JSON in a request.
type queryContext struct {
	Constraints []columnConstraints `json:"constraints"`
	Used        []string            `json:"colsUsed,omitempty"`
}

type columnConstraints struct {
	Name     string         `json:"name"`
	List     constraintList `json:"list"`
	Affinity string         `json:"affinity"`
}

type constraint struct {
	Op         int    `json:"op"`
	Expression string `json:"expr"`
}

// constraintList is written as an array. Old versions of osquery write an empty one as "", and numbers as text.
type constraintList []constraint

// UnmarshalJSON reads what any version of osquery writes.
func (l *constraintList) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*l = nil
		return nil
	}
	var list []struct {
		Op         json.RawMessage `json:"op"`
		Expression string          `json:"expr"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, c := range list {
		op, err := strconv.Atoi(strings.Trim(string(c.Op), `"`))
		if err != nil {
			return fmt.Errorf("comparison %.20s is no number", c.Op)
		}
		*l = append(*l, constraint{op, c.Expression})
	}
	return nil
}

// question is one request to a table: its context, and what each row must equal.
type question struct {
	context queryContext
	equal   map[string]string // column → the one constant that is asked for
}

// questionsMax bounds the requests that IN lists become. Beyond it the further lists are not handed over.
const questionsMax = 1000

// questions gives what to ask a table for a query. osquery asks for one value of = at a time, and extensions count on it, so
// that an IN list becomes several requests; where two columns have lists there is one request a pair.
func questions(q *tables.Query, columns []tables.Column) []question {
	base := queryContext{}
	lists := map[string][]string{}
	for i := range columns {
		c := &columns[i]
		if q.Wants(c.Name) {
			base.Used = append(base.Used, c.Name)
		}
		of := columnConstraints{Name: c.Name, Affinity: typeNameOf(c.Type), List: constraintList{}}
		for _, pattern := range q.Like(c.Name) {
			of.List = append(of.List, constraint{opLike, pattern})
		}
		low, high := q.Range(c.Name)
		if low.Set {
			of.List = append(of.List, constraint{map[bool]int{true: opGreaterEqual, false: opGreater}[low.Inclusive], low.Value})
		}
		if high.Set {
			of.List = append(of.List, constraint{map[bool]int{true: opLessEqual, false: opLess}[high.Inclusive], high.Value})
		}
		base.Constraints = append(base.Constraints, of)
		if values := q.Equal(c.Name); values != nil {
			lists[c.Name] = values
		}
	}
	out := []question{{base, nil}}
	for i := range columns {
		values := lists[columns[i].Name]
		if len(values) == 0 || len(out)*len(values) > questionsMax && !columns[i].Required {
			continue
		}
		var next []question
		for _, asked := range out {
			for _, value := range values {
				next = append(next, asked.with(i, value))
			}
		}
		out = next
	}
	return out
}

// with gives a question that also asks for a value of a column.
func (q question) with(column int, value string) question {
	next := question{context: queryContext{Constraints: slices.Clone(q.context.Constraints), Used: q.context.Used}, equal: map[string]string{}}
	for name, v := range q.equal {
		next.equal[name] = v
	}
	of := &next.context.Constraints[column]
	of.List = append(slices.Clone(of.List), constraint{opEqual, value})
	next.equal[of.Name] = value
	return next
}

// has tells whether a row is one that the question asks for. An extension may answer more; without this a row would come once
// for each request.
func (q question) has(columns []tables.Column, row []tables.Value) bool {
	for i := range columns {
		want, asked := q.equal[columns[i].Name]
		if !asked {
			continue
		}
		switch v := row[i]; v.Kind {
		case tables.ValueInt:
			if strconv.FormatInt(v.Int, 10) != want {
				return false
			}
		case tables.ValueFloat:
			if f, err := strconv.ParseFloat(want, 64); err != nil || f != v.Float {
				return false
			}
		case tables.ValueNull:
			return false
		default:
			if v.Text != want {
				return false
			}
		}
	}
	return true
}

// sqlOf writes what osquery asks of one of our tables as a statement. Several constants of = are a list: osquery checks again.
func sqlOf(t *tables.Table, request queryContext) (string, error) {
	var names []string
	for i := range t.Columns() {
		if c := &t.Columns()[i]; slices.Contains(request.Used, c.Name) || request.Used == nil && !c.Hidden {
			names = append(names, quote(c.Name))
		}
	}
	if names == nil {
		names = []string{"1"} // count(*)
	}
	var conditions []string
	for _, of := range request.Constraints {
		i := t.Column(of.Name)
		if i < 0 {
			return "", fmt.Errorf("table %s has no column %.*q", t.Name, nameMax, of.Name)
		}
		column := quote(t.Columns()[i].Name)
		var equal []string
		for _, c := range of.List {
			switch c.Op {
			case opEqual:
				equal = append(equal, literal(c.Expression))
			case opGreater:
				conditions = append(conditions, column+" > "+literal(c.Expression))
			case opLessEqual:
				conditions = append(conditions, column+" <= "+literal(c.Expression))
			case opLess:
				conditions = append(conditions, column+" < "+literal(c.Expression))
			case opGreaterEqual:
				conditions = append(conditions, column+" >= "+literal(c.Expression))
			case opLike:
				conditions = append(conditions, column+" LIKE "+literal(c.Expression))
			case opGlob:
				conditions = append(conditions, column+" GLOB "+literal(c.Expression))
			}
		}
		if equal != nil {
			conditions = append(conditions, column+" IN ("+strings.Join(equal, ", ")+")")
		}
	}
	sql := "SELECT " + strings.Join(names, ", ") + " FROM " + quote(t.Name)
	if conditions != nil {
		sql += " WHERE " + strings.Join(conditions, " AND ")
	}
	return sql, nil
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
