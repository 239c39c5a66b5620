package sqlquery

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/livequery"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// answersTable is the name under which a second statement finds the answers to the first.
const answersTable = "answers"

// Answers gives the answers to a live query, as far as a scope may read them.
type Answers interface {
	// Shapes gives the different lists of columns of a live query's answers, or fault.NotFound.
	Shapes(ctx context.Context, scope access.Scope, id uuid.UUID) ([][]string, error)
	// Parts gives a page of answers in their order from a place on; an empty one is the end. Agents narrows where it is not empty.
	Parts(ctx context.Context, scope access.Scope, id uuid.UUID, agents []uuid.UUID, from livequery.Place) ([]livequery.Part, error)
}

// answerColumns are the columns of answers beside those of the live query's statement.
var answerColumns = []tables.Column{
	{Name: agentColumn, Type: tables.Text, Doc: "Id of the agent.", Index: true},
	{Name: hostnameColumn, Type: tables.Text, Doc: "Host name of the agent."},
	{Name: tenantColumn, Type: tables.Text, Doc: "Short name of the agent's tenant."},
}

// SecondStage is a statement over the answers to a live query.
type SecondStage struct {
	service *Service
	scope   access.Scope
	id      uuid.UUID
	sql     string
	columns []tables.Column // of answers
	table   *tables.Table
}

// PrepareSecond checks a statement over the table answers, whose columns are those of the live query's own statement, and
// agent, hostname and tenant; where it has a column of one of these names itself, ours has an underscore in front.
func (s *Service) PrepareSecond(ctx context.Context, scope access.Scope, id uuid.UUID, sql string) (*SecondStage, error) {
	r := Request{SQL: sql}
	if err := r.validate(s.Now()); err != nil {
		return nil, err
	}
	shapes, err := s.Answers.Shapes(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	second := &SecondStage{service: s, scope: scope, id: id, sql: r.SQL}
	var own []tables.Column
	for _, shape := range shapes {
		for _, name := range shape {
			if name != "" && !slices.ContainsFunc(own, func(c tables.Column) bool { return c.Name == name }) {
				own = append(own, tables.Column{Name: name, Type: tables.Blob, Doc: "A column of the answers."})
			}
		}
	}
	if err := second.learnTypes(ctx, own); err != nil {
		return nil, err
	}
	for _, c := range answerColumns {
		if slices.ContainsFunc(own, func(o tables.Column) bool { return o.Name == c.Name }) {
			c.Name = "_" + c.Name
		}
		second.columns = append(second.columns, c)
	}
	second.columns = append(second.columns, own...)
	second.table = tables.DefineValues(tables.Spec{Name: answersTable, Doc: "The answers to a live query.", Platforms: tables.AllPlatforms, Cost: tables.Moderate},
		second.columns, second.generate)
	return second, second.check()
}

// learnTypes gives columns the type that their values have in the first answers, so that a comparison means what it means
// in the tables that they come from. Where the values differ, or are all NULL, they are compared as they are.
func (s *SecondStage) learnTypes(ctx context.Context, own []tables.Column) error {
	parts, err := s.service.Answers.Parts(ctx, s.scope, s.id, nil, livequery.Place{})
	if err != nil {
		return err
	}
	kinds := map[string]tables.ValueKind{}
	mixed := map[string]bool{}
	for _, part := range parts {
		rows, err := decodePart(part)
		if err != nil {
			return err
		}
		for _, row := range rows {
			for i, value := range row {
				name := part.Columns[i]
				if known, seen := kinds[name]; value.Kind == tables.ValueNull || seen && known == value.Kind {
					continue
				} else if seen {
					mixed[name] = true
				}
				kinds[name] = value.Kind
			}
		}
	}
	types := map[tables.ValueKind]tables.Type{tables.ValueInt: tables.BigInt, tables.ValueFloat: tables.Double, tables.ValueText: tables.Text}
	for i := range own {
		if t := types[kinds[own[i].Name]]; t != "" && !mixed[own[i].Name] {
			own[i].Type = t
		}
	}
	return nil
}

func decodePart(part livequery.Part) ([][]tables.Value, error) {
	var rows [][]tables.Value
	if err := json.Unmarshal([]byte(part.Rows), &rows); err != nil {
		return nil, fmt.Errorf("stored answer of agent %s: %w", part.AgentID, err)
	}
	for _, row := range rows {
		if len(row) != len(part.Columns) {
			return nil, fmt.Errorf("stored answer of agent %s: %d cells for %d columns", part.AgentID, len(row), len(part.Columns))
		}
	}
	return rows, nil
}

func (s *SecondStage) open() (*engine.Engine, error) {
	e, err := engine.New(engine.Options{Tables: []*tables.Table{s.table}, Pool: 1})
	if err != nil {
		return nil, fault.Field(fault.Invalid, "body.sql", "the answers cannot be asked: %v", err)
	}
	return e, nil
}

// check compiles the statement before anything is streamed.
func (s *SecondStage) check() error {
	e, err := s.open()
	if err != nil {
		return err
	}
	_, err = e.Check(s.sql)
	if closeErr := e.Close(); err == nil {
		err = closeErr
	}
	return asFault(err)
}

// Answer gives the rows and, last, a summary. A *fault.Error is for the person who asked.
func (s *SecondStage) Answer(ctx context.Context, emit func(Event) error) error {
	return s.service.inTurn(ctx, s.scope, func(ctx context.Context) (err error) {
		began := time.Now()
		e, err := s.open()
		if err != nil {
			return err
		}
		defer func() {
			if closeErr := e.Close(); err == nil {
				err = closeErr
			}
		}()
		out := &sink{emit: emit}
		if _, err := e.Query(ctx, engine.Statement{SQL: s.sql, Limits: fleetLimits}, out); err != nil {
			return err
		}
		if err := out.flush(); err != nil {
			return err
		}
		return emit(Event{Type: "done", Summary: &Summary{Per: PerFleet, Rows: out.rows, Tables: []TableState{}, DurationMS: time.Since(began).Milliseconds()}})
	})
}

// generate gives the rows of the answers, a few parts at a time.
func (s *SecondStage) generate(ctx context.Context, _ tables.Host, q *tables.Query, emit func([]tables.Value) error) error {
	var agents []uuid.UUID
	named := q.Equal(s.columns[0].Name)
	for _, text := range named {
		if id, err := uuid.Parse(text); err == nil {
			agents = append(agents, id)
		}
	}
	if named != nil && len(agents) == 0 {
		return nil // what it is compared with is no agent's id
	}
	row := make([]tables.Value, len(s.columns))
	for from := (livequery.Place{}); ; {
		parts, err := s.service.Answers.Parts(ctx, s.scope, s.id, agents, from)
		if err != nil || len(parts) == 0 {
			return err
		}
		for _, part := range parts {
			rows, err := decodePart(part)
			if err != nil {
				return err
			}
			at := s.places(part.Columns)
			for _, values := range rows {
				clear(row)
				row[0], row[1], row[2] = tables.TextValue(part.AgentID.String()), tables.TextValue(part.Hostname), tables.TextValue(part.Tenant)
				for i, value := range values {
					if at[i] >= 0 {
						row[at[i]] = value
					}
				}
				if err := emit(row); err != nil {
					return err
				}
			}
			from = part.Next()
		}
	}
}

// places gives the column of answers for each column of a part. Of two columns of one name the first counts. A shape that
// came after the question has columns that the statement cannot name: -1.
func (s *SecondStage) places(columns []string) []int {
	at := make([]int, len(columns))
	for i, name := range columns {
		at[i] = -1
		if slices.Index(columns, name) == i {
			if j := slices.IndexFunc(s.columns[len(answerColumns):], func(c tables.Column) bool { return c.Name == name }); j >= 0 {
				at[i] = j + len(answerColumns)
			}
		}
	}
	return at
}
