package sqlquery_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/catalogue"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/fleet/sqlquery"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// fleet is an MSP with two customers and a stranger.
type fleet struct {
	t                         *testing.T
	db                        *postgres.DB
	store                     *rows.Store
	service                   *sqlquery.Service
	msp, acme, globex, others access.Scope
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t)}
	f.msp = pgtest.Tenant(t, f.db, "msp")
	f.acme = pgtest.Tenant(t, f.db, "acme", f.msp.Tenant)
	f.globex = pgtest.Tenant(t, f.db, "globex", f.msp.Tenant)
	f.others = pgtest.Tenant(t, f.db, "others")
	f.msp.Visible = []int32{f.msp.Tenant, f.acme.Tenant, f.globex.Tenant}
	f.store = rowstest.Store(t, f.db)
	var err error
	if f.service, err = sqlquery.New(sqlquery.Config{DB: f.db, Permit: catalogue.PermitReads}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.service.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// told are accounts: uid and name.
func (f *fleet) users(e *rowstest.Endpoint, names ...string) {
	f.t.Helper()
	var result [][]tables.Value
	for i, name := range names {
		result = append(result, []tables.Value{tables.IntValue(int64(i)), tables.TextValue(name)})
	}
	e.Tell(f.t, f.store, "module:users", []string{"uid", "username"}, result)
}

// run gives the rows as text, sorted, each with the host it came from where it came from one, and the summary.
func (f *fleet) run(scope access.Scope, r sqlquery.Request) ([]string, *sqlquery.Summary, error) {
	f.t.Helper()
	q, err := f.service.Prepare(f.t.Context(), scope, r)
	if err != nil {
		return nil, nil, err
	}
	var lines []string
	var summary *sqlquery.Summary
	err = q.Answer(f.t.Context(), func(e sqlquery.Event) error {
		for _, row := range e.Rows {
			cells := []string{}
			if e.Hostname != "" {
				cells = append(cells, e.Hostname)
			}
			for _, value := range row {
				cells = append(cells, value.String())
			}
			lines = append(lines, strings.Join(cells, " "))
		}
		if e.Type == "agent" {
			lines = append(lines, e.Hostname+" failed: "+e.Error)
		}
		if e.Summary != nil {
			summary = e.Summary
		}
		return nil
	})
	slices.Sort(lines)
	return lines, summary, err
}

func (f *fleet) want(scope access.Scope, r sqlquery.Request, lines ...string) *sqlquery.Summary {
	f.t.Helper()
	got, summary, err := f.run(scope, r)
	if err != nil {
		f.t.Fatalf("%s: %v", r.SQL, err)
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		f.t.Errorf("%s (- wanted, + got):\n%s", r.SQL, diff)
	}
	return summary
}

func TestTheSameStatementRunsPerAgentAndAcrossTheFleet(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	web := rowstest.Enroll(t, f.db, f.acme, "web", "linux", "prod")
	mail := rowstest.Enroll(t, f.db, f.globex, "mail", "linux")
	silent := rowstest.Enroll(t, f.db, f.globex, "silent", "linux")
	f.users(web, "root", "anna")
	f.users(mail, "root", "bert", "bert")
	web.Tell(t, f.store, "module:user_groups", []string{"uid", "gid"}, [][]tables.Value{{tables.IntValue(1), tables.IntValue(27)}})
	mail.Tell(t, f.store, "module:user_groups", []string{"uid", "gid"}, [][]tables.Value{{tables.IntValue(0), tables.IntValue(0)}})

	// As live: each agent by itself, so that a join never crosses machines and a count is an agent's.
	summary := f.want(f.msp, sqlquery.Request{SQL: "SELECT username FROM users ORDER BY uid"}, "mail bert", "mail bert", "mail root", "web anna", "web root")
	if summary.Per != sqlquery.PerAgent || summary.Agents != 3 || summary.Answered != 2 || summary.NotTold != 1 || summary.Rows != 5 {
		t.Errorf("the summary is %+v", summary)
	}
	if len(summary.Tables) != 1 || summary.Tables[0].Agents != 2 || summary.Tables[0].NewestAt == nil {
		t.Errorf("the tables are %+v", summary.Tables)
	}
	f.want(f.msp, sqlquery.Request{SQL: "SELECT count(*) FROM users"}, "mail 3", "web 2")
	f.want(f.msp, sqlquery.Request{SQL: "SELECT username, g.gid FROM users JOIN user_groups AS g USING (uid)"}, "mail root 0", "web anna 27")

	// Across: as soon as the statement names who told it.
	f.want(f.msp, sqlquery.Request{SQL: "SELECT username, count(DISTINCT agent) FROM users GROUP BY username"}, "anna 1", "bert 1", "root 2")
	f.want(f.msp, sqlquery.Request{SQL: "SELECT tenant, hostname FROM users WHERE username = 'bert' AND seen_from > 0"}, "globex mail", "globex mail")
	f.want(f.msp, sqlquery.Request{SQL: "SELECT u.hostname, g.gid FROM users u JOIN user_groups g ON g.agent = u.agent AND g.uid = u.uid"}, "mail 0", "web 27")
	f.want(f.msp, sqlquery.Request{SQL: fmt.Sprintf("SELECT username FROM users WHERE agent = '%s' AND username IN ('anna', 'bert')", web.ID)}, "anna")
	f.want(f.msp, sqlquery.Request{SQL: "SELECT DISTINCT username FROM users WHERE tenant = 'globex' OR hostname = 'web'"}, "anna", "bert", "root")
	f.want(f.msp, sqlquery.Request{SQL: "SELECT count(*) FROM users", Per: sqlquery.PerFleet}, "5")

	// Part of the tree, part of the agents.
	f.want(f.acme, sqlquery.Request{SQL: "SELECT username FROM users"}, "web anna", "web root")
	f.want(f.msp, sqlquery.Request{SQL: "SELECT count(*) FROM users", Target: sqlquery.Target{Tags: []string{"prod"}}}, "web 2")
	f.want(f.msp, sqlquery.Request{SQL: "SELECT count(*) FROM users", Target: sqlquery.Target{AgentIDs: []uuid.UUID{mail.ID, silent.ID}}}, "mail 3")
}

// A past moment shows what was there, rows that are gone included.
func TestAsOfAPastMoment(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	web := rowstest.Enroll(t, f.db, f.acme, "web", "linux")
	f.users(web, "root", "anna")
	before := f.now()
	f.users(web, "root")
	f.want(f.acme, sqlquery.Request{SQL: "SELECT username FROM users"}, "web root")
	f.want(f.acme, sqlquery.Request{SQL: "SELECT username FROM users", At: before}, "web anna", "web root")
	f.want(f.acme, sqlquery.Request{SQL: "SELECT username FROM users WHERE hostname = 'web' AND username = 'anna'", At: before}, "anna")
	if lines, _, err := f.run(f.acme, sqlquery.Request{SQL: "SELECT username FROM users", At: before.Add(-time.Hour)}); err != nil || len(lines) != 0 {
		t.Errorf("before anything was told: %v, %v", lines, err)
	}
	if _, _, err := f.run(f.acme, sqlquery.Request{SQL: "SELECT username FROM users", At: time.Now().Add(time.Hour)}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a moment to come: %v", err)
	}
}

// now is a moment of the database's clock after everything that is stored.
func (f *fleet) now() time.Time {
	f.t.Helper()
	at := time.Now()
	for !time.Now().After(at.Add(2 * time.Millisecond)) { // times are stored in microseconds, and by this clock
	}
	return at.Add(time.Millisecond)
}

func TestWhatCannotBeAnsweredSaysWhatToDo(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	web := rowstest.Enroll(t, f.db, f.acme, "web", "linux")
	f.users(web, "root")
	web.Tell(t, f.store, "module:processes", []string{"pid"}, [][]tables.Value{{tables.IntValue(1)}})
	for name, c := range map[string]struct {
		sql  string
		role access.Role
		code fault.Code
		says string
	}{
		"syntax":          {"SELEC 1", access.Admin, fault.Invalid, "syntax error"},
		"no statement":    {" ", access.Admin, fault.Invalid, "write a SELECT"},
		"writes":          {"DELETE FROM users", access.Admin, fault.Invalid, ""},
		"not collected":   {"SELECT * FROM deb_packages", access.Admin, fault.Invalid, "has told table deb_packages"},
		"needs a path":    {"SELECT size FROM file WHERE path = '/etc/passwd'", access.Admin, fault.Invalid, "ask live"},
		"volatile":        {"SELECT resident_size FROM processes", access.Admin, fault.Invalid, "processes.resident_size is not collected"},
		"content":         {"SELECT value FROM process_envs", access.User, fault.Forbidden, "query.content"},
		"personal":        {"SELECT username FROM users", access.ReadOnly, fault.Forbidden, "query.personal"},
		"secret":          {"SELECT pid FROM processes", access.Admin, "", ""},
		"other's columns": {"SELECT agent FROM nowhere", access.Admin, fault.Invalid, "no such table"},
	} {
		scope := f.acme
		scope.Role = c.role
		_, _, err := f.run(scope, sqlquery.Request{SQL: c.sql})
		if fault.CodeOf(err) != c.code || c.says != "" && !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v, want %q with %q", name, err, c.code, c.says)
		}
	}
}

func TestAnotherTenantsRowsAreNotThere(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	web := rowstest.Enroll(t, f.db, f.acme, "web", "linux")
	f.users(web, "root", "anna")
	own := rowstest.Enroll(t, f.db, f.others, "own", "linux")
	f.users(own, "zoe")
	f.want(f.others, sqlquery.Request{SQL: "SELECT username FROM users"}, "own zoe")
	f.want(f.others, sqlquery.Request{SQL: "SELECT username, hostname FROM users"}, "zoe own")
	if _, _, err := f.run(f.others, sqlquery.Request{SQL: "SELECT username FROM users", Target: sqlquery.Target{AgentIDs: []uuid.UUID{web.ID}}}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("another tenant's agent as the target: %v", err)
	}
}

// A statement that goes wrong on one agent costs no other its answer; a reader that is gone ends all.
func TestAFailureIsOneAgents(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	web := rowstest.Enroll(t, f.db, f.acme, "web", "linux")
	f.users(web, "root")
	mail := rowstest.Enroll(t, f.db, f.acme, "mail", "linux")
	f.users(mail, "{")
	lines, summary, err := f.run(f.acme, sqlquery.Request{SQL: "SELECT CASE username WHEN 'root' THEN 1 ELSE json(username) END FROM users"})
	if err != nil || len(lines) != 2 || !strings.HasPrefix(lines[0], "mail failed: malformed JSON") || lines[1] != "web 1" || summary.Failed != 1 || summary.Answered != 1 {
		t.Errorf("%q, %+v, %v", lines, summary, err)
	}
	q, err := f.service.Prepare(t.Context(), f.acme, sqlquery.Request{SQL: "SELECT uid FROM users"})
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	if err := q.Answer(t.Context(), func(sqlquery.Event) error { return gone }); !errors.Is(err, gone) {
		t.Errorf("the reader is gone: %v", err)
	}
}

// Pages, chunks and events end in the middle of agents; nothing is lost or doubled.
func TestManyRows(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	const agents, each = 7, 1700
	for i := range agents {
		e := rowstest.Enroll(t, f.db, []access.Scope{f.acme, f.globex}[i%2], fmt.Sprintf("host-%d", i), "linux")
		names := make([]string, each)
		for j := range names {
			names[j] = fmt.Sprintf("user-%d-%d", i, j)
		}
		f.users(e, names...)
	}
	lines, _, err := f.run(f.msp, sqlquery.Request{SQL: "SELECT username FROM users"})
	if err != nil || len(lines) != agents*each || len(slices.Compact(lines)) != agents*each {
		t.Errorf("agent by agent: %d rows, %v", len(lines), err)
	}
	f.want(f.msp, sqlquery.Request{SQL: "SELECT count(*), count(DISTINCT username), count(DISTINCT agent) FROM users"}, fmt.Sprint(agents*each, " ", agents*each, " ", agents))
}

func TestAStatementChoosesAgents(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	web := rowstest.Enroll(t, f.db, f.acme, "web", "linux")
	f.users(web, "root", "anna")
	mail := rowstest.Enroll(t, f.db, f.globex, "mail", "linux")
	f.users(mail, "root")
	choose := func(scope access.Scope, sql string, want ...uuid.UUID) {
		t.Helper()
		got, err := f.service.Choose(t.Context(), scope, sql)
		if err != nil || !slices.Equal(got, append([]uuid.UUID{}, want...)) {
			t.Errorf("%s: %v, %v, want %v", sql, got, err, want)
		}
	}
	choose(f.msp, "SELECT agent FROM users WHERE username = 'root'", web.ID, mail.ID)
	choose(f.msp, "SELECT agent FROM users WHERE username = 'anna' OR uid = 1", web.ID)
	choose(f.globex, fmt.Sprintf("SELECT agent FROM users UNION SELECT '%s' AS agent", web.ID), mail.ID) // naming is not seeing
	choose(f.msp, "SELECT agent FROM deb_packages")
	if err := f.service.CheckChoice(f.msp, "SELECT username FROM users WHERE agent != ''"); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a statement without agent: %v", err)
	}
	reader := f.msp
	reader.Role = access.ReadOnly
	if err := f.service.CheckChoice(reader, "SELECT agent FROM users WHERE username = 'anna'"); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("a statement over personal columns: %v", err)
	}
}
