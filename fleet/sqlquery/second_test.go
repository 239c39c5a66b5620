package sqlquery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/catalogue"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/livequery"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/sqlquery"
	"github.com/tenantra/tenantra/tables"
)

// answers are those of one live query, a part an agent.
type answers struct{ parts []livequery.Part }

func (a *answers) Shapes(_ context.Context, scope access.Scope, id uuid.UUID) (shapes [][]string, err error) {
	if id == uuid.Nil {
		return nil, fault.New(fault.NotFound, "there is no such live query")
	}
	for _, p := range a.parts {
		if !slices.ContainsFunc(shapes, func(s []string) bool { return slices.Equal(s, p.Columns) }) {
			shapes = append(shapes, p.Columns)
		}
	}
	return shapes, nil
}

// Parts gives one page.
func (a *answers) Parts(_ context.Context, _ access.Scope, _ uuid.UUID, agents []uuid.UUID, from livequery.Place) ([]livequery.Part, error) {
	if from != (livequery.Place{}) {
		return nil, nil
	}
	var found []livequery.Part
	for _, p := range a.parts {
		if len(agents) == 0 || slices.Contains(agents, p.AgentID) {
			found = append(found, p)
		}
	}
	return found, nil
}

func (a *answers) add(t *testing.T, host string, columns []string, rows ...[]tables.Value) uuid.UUID {
	t.Helper()
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.New()
	a.parts = append(a.parts, livequery.Part{AgentID: id, Hostname: host, Tenant: "acme", Columns: columns, Rows: string(text), RowCount: len(rows)})
	return id
}

func second(t *testing.T, s *sqlquery.Service, sql string) ([]string, error) {
	t.Helper()
	q, err := s.PrepareSecond(t.Context(), access.Scope{Tenant: 2, Role: access.User}, uuid.New(), sql)
	if err != nil {
		return nil, err
	}
	var lines []string
	err = q.Answer(t.Context(), func(e sqlquery.Event) error {
		for _, row := range e.Rows {
			cells := make([]string, len(row))
			for i, value := range row {
				cells[i] = value.String()
			}
			lines = append(lines, strings.Join(cells, " "))
		}
		return nil
	})
	return lines, err
}

func TestASecondStatementReadsTheAnswersToTheFirst(t *testing.T) {
	t.Parallel()
	a := &answers{}
	s, err := sqlquery.New(sqlquery.Config{DB: pgtest.New(t), Permit: catalogue.PermitReads, Answers: a})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	text, number := tables.TextValue, tables.IntValue
	web := a.add(t, "web", []string{"name", "pid"}, []tables.Value{text("sshd"), number(9)}, []tables.Value{text("cron"), number(10)})
	a.add(t, "mail", []string{"pid", "name", "hostname"}, []tables.Value{number(100), text("sshd"), text("own")})
	for sql, want := range map[string][]string{
		"SELECT name, count(DISTINCT agent) FROM answers GROUP BY 1 ORDER BY 1": {"cron 1", "sshd 2"},
		"SELECT name FROM answers WHERE pid > 9 ORDER BY pid":                   {"cron", "sshd"}, // as numbers
		"SELECT tenant, _hostname, hostname FROM answers WHERE pid = 100":       {"acme mail own"},
		"SELECT * FROM answers WHERE pid = 9":                                   {web.String() + " web acme sshd 9 NULL"},
		fmt.Sprintf("SELECT count(*) FROM answers WHERE agent = '%s'", web):     {"2"},
		"SELECT count(*) FROM answers WHERE agent = 'nobody'":                   {"0"},
	} {
		got, err := second(t, s, sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", sql, diff)
		}
	}
	for sql, says := range map[string]string{
		"":                            "write a SELECT",
		"SELECT nowhere FROM answers": "no such column",
		"SELECT * FROM users":         "no such table",
		"DELETE FROM answers":         "",
	} {
		if _, err := second(t, s, sql); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want invalid with %q", sql, err, says)
		}
	}
	if _, err := s.PrepareSecond(t.Context(), access.Scope{}, uuid.Nil, "SELECT 1"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a live query that is not there: %v", err)
	}
}

// A million rows of real answers: nothing is cut off, and who may not read what was asked reads no answer.
func TestAMillionAnswersAreAsked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	scope := pgtest.Tenant(t, db, "acme")
	id := uuid.Must(uuid.NewV7())
	const parts, each = 500, 2000
	err := db.InScope(t.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		for _, text := range []string{`
INSERT INTO live_queries (tenant_id, id, sql, timeout_seconds, state, created_by, created_by_name, created_at, last_modified_by, last_modified_at, deadline)
VALUES ($1, $2, 'SELECT pid, key FROM process_envs', 30, 'done', 'test', 'test', now(), 'test', now(), now())`, `
INSERT INTO live_query_agents (tenant_id, query_id, agent_id, public_id, hostname, outcome, asked_at)
SELECT $1, $2, n, gen_random_uuid(), 'host-' || n, 'with_rows', now() FROM generate_series(1, 10) n`, `
INSERT INTO live_query_parts (tenant_id, query_id, agent_id, part, columns, row_count, rows, received_at)
SELECT $1, $2, 1 + p % 10, p / 10, ARRAY['pid', 'key'], 2000, (SELECT '[' || string_agg('[' || p * 2000 + r || ',"name-' || r || '"]', ',') || ']' FROM generate_series(0, 1999) r), now()
  FROM generate_series(0, 499) p`} {
			if _, err := tx.Exec(ctx, text, scope.Tenant, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checker, err := catalogue.NewChecker()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checker.Close() })
	s, err := sqlquery.New(sqlquery.Config{DB: db, Permit: catalogue.PermitReads, Answers: livequery.New(livequery.Config{DB: db, Permit: checker.Permit})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	q, err := s.PrepareSecond(t.Context(), scope, id, "SELECT count(*), count(DISTINCT pid), count(DISTINCT agent), max(key) FROM answers")
	if err != nil {
		t.Fatal(err)
	}
	var row []tables.Value
	var took int64
	if err := q.Answer(t.Context(), func(e sqlquery.Event) error {
		if e.Type == "rows" {
			row = e.Rows[0]
		} else {
			took = e.Summary.DurationMS
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []tables.Value{tables.IntValue(parts * each), tables.IntValue(parts * each), tables.IntValue(10), tables.TextValue("name-999")}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("(- wanted, + got):\n%s", diff)
	}
	t.Logf("%d rows took %d ms", parts*each, took)
	user := scope
	user.Role = access.User
	if _, err := s.PrepareSecond(t.Context(), user, id, "SELECT key FROM answers"); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("answers of class content are read by a USER: %v", err)
	}
	if _, err := s.PrepareSecond(t.Context(), pgtest.Tenant(t, db, "globex"), id, "SELECT key FROM answers"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant: %v", err)
	}
}
