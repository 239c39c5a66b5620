package sqlquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// answering is one question being answered. One goroutine uses it.
type answering struct {
	sink
	question *Question
	engine   *engine.Engine
	tables   []*source

	answered, failed, notTold int
}

// source is a table that the statement reads.
type source struct {
	*answering
	table *tables.Table // as the engine knows it
	told  map[agentKey]standing
	// collections holds, by tenant, the collection's id.
	collections map[int32]int32
	shapes      map[shapeKey]places

	loaded map[agentKey][][]tables.Value // of the agents that are asked one by one
	last   agentKey                      // of lastRows, which serve the inner side of a join
	rowsOf [][]tables.Value
}

type shapeKey struct{ tenant, id int32 }

// places gives, for each value of a stored row, the table's column that it belongs to; -1 for one that is gone.
type places []int

func newAnswering(q *Question, emit func(Event) error) *answering {
	return &answering{question: q, sink: sink{emit: emit}}
}

// open makes an engine that has the statement's tables and nothing else.
func (a *answering) open() error {
	var list []*tables.Table
	for i, read := range a.question.reads {
		s := &source{answering: a, told: a.question.told[i], collections: map[int32]int32{}, shapes: map[shapeKey]places{}}
		for key, standing := range s.told {
			s.collections[key.tenant] = standing.collection
		}
		s.table = storedAgain(read.Table, s.generate)
		a.tables, list = append(a.tables, s), append(list, s.table)
	}
	var err error
	a.engine, err = engine.New(engine.Options{Tables: list, Pool: 1})
	return err
}

// storedAgain is a stored table of the catalogue with rows.
func storedAgain(table *tables.Table, generate generator) *tables.Table {
	return tables.DefineValues(table.Spec, table.Columns(), func(ctx context.Context, _ tables.Host, q *tables.Query, emit func([]tables.Value) error) error {
		return generate(ctx, q, emit)
	})
}

func (a *answering) close() {
	if a.engine == nil {
		return
	}
	if err := a.engine.Close(); err != nil {
		a.question.service.Log.Warn("close an engine over stored rows", "err", err)
	}
}

// acrossFleet answers once over all agents.
func (a *answering) acrossFleet(ctx context.Context) error {
	a.answered = len(a.question.tellsAll())
	a.notTold = len(a.question.agents) - a.answered
	if _, err := a.engine.Query(ctx, engine.Statement{SQL: a.question.request.SQL, Limits: fleetLimits}, a); err != nil {
		return err
	}
	return a.flush()
}

// agentByAgent answers for each agent. What fails for one agent costs no other.
func (a *answering) agentByAgent(ctx context.Context) error {
	asked := a.question.tellsAll()
	a.notTold = len(a.question.agents) - len(asked)
	for len(asked) > 0 {
		chunk := a.chunk(asked)
		for _, s := range a.tables {
			if err := s.load(ctx, chunk); err != nil {
				return err
			}
		}
		for i := range chunk {
			a.who = &chunk[i]
			_, err := a.engine.Query(ctx, engine.Statement{SQL: a.question.request.SQL}, a)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err = errors.Join(err, a.flush()); err == nil {
				a.answered++
				continue
			}
			var wrong *engine.SQLError
			var limit *engine.LimitError
			if !errors.As(err, &wrong) && !errors.As(err, &limit) {
				return err // the reader is gone
			}
			a.failed++
			if err := a.emit(Event{Type: "agent", AgentID: &a.who.id, Hostname: a.who.hostname, Tenant: a.who.slug, Error: err.Error()}); err != nil {
				return err
			}
		}
		asked = asked[len(chunk):]
	}
	return nil
}

// chunk takes agents of one tenant whose rows fit into memory together; at least one.
func (a *answering) chunk(asked []agent) []agent {
	total := int64(0)
	for i, who := range asked {
		for _, s := range a.tables {
			total += s.told[agentKey{who.tenant, who.key}].rows
		}
		if i > 0 && (total > chunkRows || i >= chunkMax || who.tenant != asked[0].tenant) {
			return asked[:i]
		}
	}
	return asked
}

// generate gives the rows that the statement asks for.
func (s *source) generate(ctx context.Context, q *tables.Query, emit func([]tables.Value) error) error {
	if s.who != nil {
		return emitAll(s.loaded[agentKey{s.who.tenant, s.who.key}], emit)
	}
	chosen := s.chosen(q)
	if len(chosen) == 1 { // the inner side of a join asks for the same agent again and again
		key := agentKey{chosen[0].tenant, chosen[0].key}
		if s.last != key || s.rowsOf == nil {
			found := [][]tables.Value{}
			err := s.read(ctx, chosen, nil, func(_ agentKey, row []tables.Value) error {
				found = append(found, row)
				return nil
			})
			if err != nil {
				return err
			}
			s.last, s.rowsOf = key, found
		}
		return emitAll(s.rowsOf, emit)
	}
	return s.read(ctx, chosen, s.holds(q), func(_ agentKey, row []tables.Value) error { return emit(row) })
}

func emitAll(list [][]tables.Value, emit func([]tables.Value) error) error {
	for _, row := range list {
		if err := emit(row); err != nil {
			return err
		}
	}
	return nil
}

// load reads the rows of a chunk of agents of one tenant.
func (s *source) load(ctx context.Context, chunk []agent) error {
	s.loaded = make(map[agentKey][][]tables.Value, len(chunk))
	return s.read(ctx, chunk, nil, func(key agentKey, row []tables.Value) error {
		s.loaded[key] = append(s.loaded[key], row)
		return nil
	})
}

// ourName is the name that one of our columns has in the table.
func (s *source) ourName(i int) string {
	return s.table.Columns()[len(s.table.Columns())-len(ours)+i].Name
}

// chosen gives the agents that have told the table and that the statement's constraints allow.
func (s *source) chosen(q *tables.Query) []agent {
	tenants, ids, names := q.Equal(s.ourName(0)), q.Equal(s.ourName(1)), q.Equal(s.ourName(2))
	var found []agent
	for _, a := range s.question.agents {
		if _, told := s.told[agentKey{a.tenant, a.key}]; !told {
			continue
		}
		if (tenants == nil || slices.Contains(tenants, a.slug)) && (ids == nil || slices.Contains(ids, a.id.String())) && (names == nil || slices.Contains(names, a.hostname)) {
			found = append(found, a)
		}
	}
	return found
}

// holds gives texts of which one is in every row that the statement wants, from the shortest list of constants; nil where
// the statement has none. The database looks for them, and the engine compares exactly.
func (s *source) holds(q *tables.Query) []string {
	var best []string
	for i := range len(s.table.Columns()) - len(ours) {
		c := &s.table.Columns()[i]
		if !c.Additional || c.Collate == "NOCASE" {
			continue
		}
		constants := q.Equal(c.Name)
		if constants == nil || len(constants) > holdsMax || best != nil && len(constants) >= len(best) || slices.ContainsFunc(constants, escapes) {
			continue
		}
		best = constants
	}
	return best
}

// escapes tells whether a text may be written otherwise in JSON, or is too short to be worth looking for.
func escapes(text string) bool {
	for _, r := range text {
		plain := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == ' ' || r == '.' || r == '_' || r == '-' || r == ':' || r == '/' || r == '@'
		if !plain {
			return true
		}
	}
	return len(text) < 2
}

// read gives the rows of agents, which are sorted by tenant, page by page: no transaction is open while the engine or the
// reader takes its time.
func (s *source) read(ctx context.Context, chosen []agent, holds []string, give func(agentKey, []tables.Value) error) error {
	for len(chosen) > 0 {
		tenant := chosen[0].tenant
		n := slices.IndexFunc(chosen, func(a agent) bool { return a.tenant != tenant })
		if n < 0 {
			n = len(chosen)
		}
		if err := s.readTenant(ctx, chosen[:n], holds, give); err != nil {
			return err
		}
		chosen = chosen[n:]
	}
	return nil
}

func (s *source) readTenant(ctx context.Context, chosen []agent, holds []string, give func(agentKey, []tables.Value) error) error {
	byKey := make(map[int32]*agent, len(chosen))
	keys := make([]int32, len(chosen))
	for i := range chosen {
		keys[i] = chosen[i].key
		byKey[keys[i]] = &chosen[i]
	}
	tenant := chosen[0].tenant
	query := rows.AcrossQuery{Tenant: tenant, Collection: s.collections[tenant], Agents: keys, At: s.question.request.At, Holds: holds, Limit: pageRows}
	for {
		var page []rows.AcrossRow
		err := s.question.service.DB.InScope(ctx, s.question.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			if page, err = rows.ReadAcross(ctx, tx, query); err != nil {
				return err
			}
			return s.learnShapes(ctx, tx, tenant, page)
		})
		if err != nil {
			return err
		}
		for i := range page {
			row, err := s.decode(tenant, byKey[page[i].Agent], &page[i])
			if err != nil {
				return err
			}
			for range page[i].Copies {
				if err := give(agentKey{tenant, page[i].Agent}, row); err != nil {
					return err
				}
			}
		}
		if len(page) < query.Limit {
			return nil
		}
		query.After = page[len(page)-1].AcrossPlace
	}
}

// learnShapes finds where the values of the page's rows belong.
func (s *source) learnShapes(ctx context.Context, tx *postgres.Tx, tenant int32, page []rows.AcrossRow) error {
	for i := range page {
		if _, known := s.shapes[shapeKey{tenant, page[i].Shape}]; known {
			continue
		}
		found, err := rows.Shapes(ctx, tx, tenant, s.collections[tenant])
		if err != nil {
			return err
		}
		own := len(s.table.Columns()) - len(ours)
		for id, names := range found {
			at := make(places, len(names))
			for j, name := range names {
				if at[j] = s.table.Column(name); at[j] >= own {
					at[j] = -1
				}
			}
			s.shapes[shapeKey{tenant, id}] = at
		}
	}
	return nil
}

// decode brings a stored row into the table's columns. What was not told is NULL.
func (s *source) decode(tenant int32, who *agent, r *rows.AcrossRow) ([]tables.Value, error) {
	var values []tables.Value
	if err := json.Unmarshal([]byte(r.Text), &values); err != nil {
		return nil, fmt.Errorf("stored row %d: %w", r.Row, err)
	}
	at := s.shapes[shapeKey{tenant, r.Shape}]
	if len(values) != len(at) {
		return nil, fmt.Errorf("stored row %d: %d values for %d columns", r.Row, len(values), len(at))
	}
	row := make([]tables.Value, len(s.table.Columns()))
	for i, value := range values {
		if at[i] >= 0 {
			row[at[i]] = value
		}
	}
	copy(row[len(row)-len(ours):], []tables.Value{tables.TextValue(who.slug), tables.TextValue(who.id.String()), tables.TextValue(who.hostname), unix(r.SeenFrom)})
	return row, nil
}

func unix(at time.Time) tables.Value { return tables.IntValue(at.Unix()) }
