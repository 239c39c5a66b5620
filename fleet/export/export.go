// Package export gives out what agents have told, as it is stored: the rows of one collection, or of all, as CSV for
// spreadsheets or as JSON lines for programs. It is streamed, so that its size costs no memory.
package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/internal/spreadsheet"
	"github.com/tenantra/tenantra/tables"
)

const (
	anHour    = 10 // exports of one person or token
	writeTime = 30 * time.Second
)

// Format is how rows are written.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

// Service exports. Safe for concurrent use.
type Service struct {
	db      *postgres.DB
	classOf func(ctx context.Context, scope access.Scope, collection string) (tables.Class, error)
}

// New makes a Service. classOf gives the highest privacy class among what a collection's query reads.
func New(db *postgres.DB, classOf func(ctx context.Context, scope access.Scope, collection string) (tables.Class, error)) *Service {
	return &Service{db, classOf}
}

type exportInput struct {
	Format     Format    `query:"format" enum:"csv,ndjson" doc:"csv where absent."`
	Collection string    `query:"collection" maxLength:"250" doc:"Only this one, with a column of the file for each of its own. Absent: all, each row as JSON in one column."`
	At         time.Time `query:"at" doc:"As of this moment; now when absent."`
}

// Routes registers the export. /scan/export/{tenant} of the requirements is its alias, with the tenant chosen.
func (s *Service) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "export-scan-data", Method: http.MethodGet, Path: "/scan/export", Tags: []string{"scans"}, Permission: access.AgentsRead, Feature: access.Export, Audit: "scans.export",
		Recursive: true, Stream: true, Summary: "Read what the tenant's agents have told, as CSV or JSON lines; collections above the reader's class are left out",
	}, func(ctx context.Context, scope access.Scope, in *exportInput) (*httpapi.Stream, error) {
		e := &export{db: s.db, scope: scope, in: *in}
		if e.in.Format == "" {
			e.in.Format = CSV
		}
		if err := s.prepare(ctx, e); err != nil {
			return nil, err
		}
		return &httpapi.Stream{Body: e.write}, nil
	})
}

// export is one file on its way.
type export struct {
	db      *postgres.DB
	scope   access.Scope
	in      exportInput
	parts   []part
	columns []string // of the one collection
	agents  map[int32]agent
}

// part is one collection of one tenant.
type part struct {
	tenant     int32
	tenantSlug string
	collection int32
	name       string
	shapes     map[int32][]string
}

type agent struct {
	id       uuid.UUID
	hostname string
}

const (
	sqlCollections = `
SELECT c.tenant_id, t.slug, c.id, c.name FROM collections c JOIN tenants t ON t.id = c.tenant_id
 WHERE c.tenant_id = ANY($1::int[]) AND ($2 = '' OR c.name = $2) ORDER BY t.slug, c.name`
	sqlAgents = `SELECT id, public_id, hostname FROM agents WHERE tenant_id = ANY($1::int[])`
)

// prepare finds what is to be exported, and records it before the first byte.
func (s *Service) prepare(ctx context.Context, e *export) error {
	err := s.db.InScope(ctx, e.scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := audit.AtMostHourly(ctx, tx, "scans.export", anHour); err != nil {
			return err
		}
		return e.load(ctx, tx)
	})
	if err != nil {
		return err
	}
	if err := s.leaveOut(ctx, e); err != nil {
		return err
	}
	return s.db.InScope(ctx, e.scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "scans.export", Object: "collections", Detail: map[string]any{
			"format": e.in.Format, "collection": e.in.Collection, "tenants": len(e.scope.Visible), "collections": len(e.parts), "at": e.in.At,
		}})
	})
}

// leaveOut drops collections that the reader's role may not read; the one that was asked for by its name is refused.
func (s *Service) leaveOut(ctx context.Context, e *export) error {
	may := map[string]bool{}
	for _, p := range e.parts {
		if _, known := may[p.name]; known {
			continue
		}
		class, err := s.classOf(ctx, e.scope, p.name)
		if err != nil {
			return err
		}
		may[p.name] = e.scope.MayRead(class)
		if !may[p.name] && e.in.Collection != "" {
			return fault.Field(fault.Forbidden, "query.collection", "it holds columns of class %s, which your role may not read", class)
		}
	}
	e.parts = slices.DeleteFunc(e.parts, func(p part) bool { return !may[p.name] })
	return nil
}

// load finds collections, their columns and the agents' names.
func (e *export) load(ctx context.Context, tx *postgres.Tx) error {
	e.parts, e.columns, e.agents = nil, nil, map[int32]agent{}
	found, err := tx.Query(ctx, sqlCollections, tx.Scope.Visible, e.in.Collection)
	if err != nil {
		return fmt.Errorf("list collections: %w", err)
	}
	for found.Next() {
		var p part
		if err := found.Scan(&p.tenant, &p.tenantSlug, &p.collection, &p.name); err != nil {
			return fmt.Errorf("list collections: %w", err)
		}
		e.parts = append(e.parts, p)
	}
	if err := found.Err(); err != nil {
		return fmt.Errorf("list collections: %w", err)
	}
	if e.in.Collection != "" && len(e.parts) == 0 {
		return fault.Field(fault.NotFound, "query.collection", "no agent has told such a collection")
	}
	for i := range e.parts {
		p := &e.parts[i]
		if p.shapes, err = rows.Shapes(ctx, tx, p.tenant, p.collection); err != nil {
			return err
		}
		if e.in.Collection == "" {
			continue // the file has no columns of collections
		}
		for _, shape := range p.shapes {
			for _, name := range shape {
				if !slices.Contains(e.columns, name) {
					e.columns = append(e.columns, name)
				}
			}
		}
	}
	slices.Sort(e.columns)
	told, err := tx.Query(ctx, sqlAgents, tx.Scope.Visible)
	if err != nil {
		return fmt.Errorf("list agents: %w", err)
	}
	for told.Next() {
		var key int32
		var a agent
		if err := told.Scan(&key, &a.id, &a.hostname); err != nil {
			return fmt.Errorf("list agents: %w", err)
		}
		e.agents[key] = a
	}
	return told.Err()
}

// line is a row on its way out.
type line struct {
	Tenant     string                     `json:"tenant"`
	Agent      uuid.UUID                  `json:"agent_id"`
	Hostname   string                     `json:"hostname"`
	Collection string                     `json:"collection"`
	SeenFrom   time.Time                  `json:"seen_from"`
	Row        map[string]json.RawMessage `json:"row"`
}

// writer takes lines in one format.
type writer interface {
	line(l line) error
	flush() error
	// incomplete says in the file itself that it ended early.
	incomplete() error
}

// write sends page after page. After the first byte an error can only end the file early; its last line then says so.
func (e *export) write(ctx huma.Context) {
	_, w := humago.Unwrap(ctx)
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{}) // the one for reading the body would end a stream that outlives it
	var out writer
	if e.in.Format == NDJSON {
		w.Header().Set("Content-Type", "application/x-ndjson")
		out = &jsonWriter{json.NewEncoder(w)}
	} else {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		out = newCSV(spreadsheet.NewWriter(w), e.in.Collection != "", e.columns)
	}
	w.Header().Set("Content-Disposition", `attachment; filename="scan-data.`+string(e.in.Format)+`"`)
	w.WriteHeader(http.StatusOK)
	for _, p := range e.parts {
		if err := e.writePart(ctx.Context(), p, out, control); err != nil {
			if errors.Is(err, errReader) || out.incomplete() != nil {
				return // the reader is gone
			}
			break
		}
	}
	_ = out.flush() // an error here means that the reader is gone
}

// errReader tells that who reads takes no more.
var errReader = errors.New("the reader is gone")

func (e *export) writePart(ctx context.Context, p part, out writer, control *http.ResponseController) error {
	query := rows.AcrossQuery{Tenant: p.tenant, Collection: p.collection, At: e.in.At, Limit: rows.PageMax}
	for {
		var page []rows.AcrossRow
		err := e.db.InScope(ctx, e.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			page, err = rows.ReadAcross(ctx, tx, query)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range page {
			l, err := e.lineOf(p, r)
			if err != nil {
				return err
			}
			for range r.Copies {
				if err := out.line(l); err != nil {
					return errors.Join(errReader, err)
				}
			}
		}
		control.SetWriteDeadline(time.Now().Add(writeTime)) // unsupported only by test recorders
		if err := out.flush(); err != nil {
			return errors.Join(errReader, err)
		}
		if len(page) < query.Limit {
			return nil
		}
		query.After = page[len(page)-1].AcrossPlace
	}
}

func (e *export) lineOf(p part, r rows.AcrossRow) (line, error) {
	var values []json.RawMessage
	if err := json.Unmarshal([]byte(r.Text), &values); err != nil {
		return line{}, fmt.Errorf("stored row of %s: %w", p.name, err)
	}
	names := p.shapes[r.Shape]
	if len(names) != len(values) {
		return line{}, fmt.Errorf("stored row of %s: %d values for %d columns", p.name, len(values), len(names))
	}
	a := e.agents[r.Agent]
	l := line{Tenant: p.tenantSlug, Agent: a.id, Hostname: a.hostname, Collection: p.name, SeenFrom: r.SeenFrom.UTC(), Row: make(map[string]json.RawMessage, len(names))}
	for i, name := range names {
		l.Row[name] = values[i]
	}
	return l, nil
}
