package extension

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/osquery/osquery-go/gen/osquery"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// plugins answers osquery's requests to tables of ours.
type plugins struct {
	engine   *engine.Engine
	tables   map[string]*tables.Table // by the name that they are offered under
	platform tables.Platforms
}

// routes is what is registered of the tables.
func (p plugins) routes() osquery.ExtensionRouteTable {
	routes := osquery.ExtensionRouteTable{}
	for name, t := range p.tables {
		routes[name] = routeOf(t, p.platform)
	}
	return routes
}

// call answers one request. What is wrong with it is in the answer's status.
func (p plugins) call(ctx context.Context, registry, item string, request osquery.ExtensionPluginRequest) *osquery.ExtensionResponse {
	t := p.tables[item]
	if registry != "table" || t == nil {
		return failed(fmt.Errorf("there is no %.*s %.*s", nameMax, registry, nameMax, item))
	}
	switch request["action"] {
	case "columns":
		return answered(routeOf(t, p.platform))
	case "generate":
		var asked queryContext
		if err := json.Unmarshal([]byte(request["context"]), &asked); err != nil {
			return failed(fmt.Errorf("table %s: read the context: %w", item, err))
		}
		sql, err := sqlOf(t, asked)
		if err != nil {
			return failed(err)
		}
		return p.query(ctx, sql)
	default:
		return failed(fmt.Errorf("table %s: there is no action %.*q", item, nameMax, request["action"]))
	}
}

// query runs a statement within the limits of a live one.
func (p plugins) query(ctx context.Context, sql string) *osquery.ExtensionResponse {
	rows := textRows{}
	if _, err := p.engine.Query(ctx, engine.Statement{SQL: sql}, &rows); err != nil {
		return failed(err)
	}
	return answered(rows.rows)
}

// textRows keeps rows as osquery sends them: all cells are text, and NULL is left out.
type textRows struct {
	names []string
	rows  osquery.ExtensionPluginResponse
}

func (t *textRows) Columns(names []string) error {
	t.names = slices.Clone(names)
	return nil
}

func (t *textRows) Row(r *engine.Row) error {
	row := make(map[string]string, r.Len())
	for i := range r.Len() {
		switch v := r.Value(i); v.Kind {
		case tables.ValueNull:
		case tables.ValueInt:
			row[t.names[i]] = strconv.FormatInt(v.Int, 10)
		case tables.ValueFloat:
			row[t.names[i]] = strconv.FormatFloat(v.Float, 'g', -1, 64)
		default:
			row[t.names[i]] = v.Text
		}
	}
	t.rows = append(t.rows, row)
	return nil
}

func answered(rows osquery.ExtensionPluginResponse) *osquery.ExtensionResponse {
	return &osquery.ExtensionResponse{Status: ok(0), Response: rows}
}

func failed(err error) *osquery.ExtensionResponse {
	return &osquery.ExtensionResponse{Status: refused(err)}
}

func ok(uuid osquery.ExtensionRouteUUID) *osquery.ExtensionStatus {
	return &osquery.ExtensionStatus{Code: int32(osquery.ExtensionCode_EXT_SUCCESS), Message: "OK", UUID: uuid}
}

func refused(err error) *osquery.ExtensionStatus {
	return &osquery.ExtensionStatus{Code: int32(osquery.ExtensionCode_EXT_FAILED), Message: err.Error()}
}

// named gives the tables of a platform that can be asked, under their names.
func named(list []*tables.Table, platform tables.Platforms) map[string]*tables.Table {
	found := map[string]*tables.Table{}
	for _, t := range list {
		if t.AvailableOn(platform) {
			found[t.Name] = t
		}
	}
	return found
}

// prefixed puts a prefix before each name.
func prefixed(all map[string]*tables.Table, prefix string) map[string]*tables.Table {
	out := make(map[string]*tables.Table, len(all))
	for name, t := range all {
		out[prefix+name] = t
	}
	return out
}

// without leaves out names that are taken, and gives how many.
func without(all map[string]*tables.Table, taken map[string]bool) (kept map[string]*tables.Table, skipped int) {
	kept = maps.Clone(all)
	maps.DeleteFunc(kept, func(name string, _ *tables.Table) bool { return taken[name] })
	return kept, len(all) - len(kept)
}
