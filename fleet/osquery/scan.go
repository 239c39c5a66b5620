package osquery

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/scanruns"
	"github.com/tenantra/tenantra/tables"
)

// A node cannot be told to run its schedule now. A scan therefore asks it the scheduled statements as questions, and stores
// the answers as the whole state of their collections. What the node compares with is still its last scheduled run: it gets a
// new epoch with it, so that its next one tells the whole again, and what it tells before that counts for nothing.

const (
	scanPrefix    = "scan:" // of the ids of such questions: scan:<id>/<collection>
	scanQuestions = 32      // that a node gets at once
)

// Scans are runs that somebody triggered.
type Scans interface {
	// Open gives what an agent has yet to tell of the scans that go on.
	Open(ctx context.Context, agent agents.Identity) ([]scanruns.Order, error)
	// Told keeps how one execution went.
	Told(ctx context.Context, agent agents.Identity, header protocol.BatchHeader) error
}

func scanQuestion(scan uuid.UUID, collection string) string {
	return scanPrefix + scan.String() + "/" + collection
}

// askScans adds the questions of scans to those that a node gets, and tells at once of collections that it can never answer.
func (s *Service) askScans(ctx context.Context, n node, asked map[string]string) error {
	open, err := s.openScans(ctx, n)
	if err != nil || len(open.orders) == 0 {
		return err
	}
	allowed, err := tables.ParseClass(open.config.AllowedClass)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	for _, order := range open.orders {
		for _, collection := range order.Collections {
			query, reason := s.scanned(open, allowed, collection)
			switch {
			case reason != "":
				err = s.told(ctx, n, order.Scan, collection, protocol.Execution{StatusCode: 1, Log: reason})
			case query.Mode == protocol.ModeAppend:
				err = s.told(ctx, n, order.Scan, collection, protocol.Execution{Log: "osqueryd tells events by its schedule alone"})
			case len(asked) >= scanQuestions:
				s.wake(n.ID) // the rest with the next poll
				return nil
			default:
				asked[scanQuestion(order.Scan, collection)] = statementOf(query)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// scanWork is what a node has yet to tell of scans, and what it needs for that.
type scanWork struct {
	orders   []scanruns.Order
	config   protocol.Config
	platform tables.Platforms
}

// openScans gives what a node has yet to tell; without orders nothing else is read.
func (s *Service) openScans(ctx context.Context, n node) (open scanWork, err error) {
	if open.orders, err = s.Scans.Open(ctx, n.Identity); err != nil || len(open.orders) == 0 {
		return open, err
	}
	if open.config, _, err = s.Configs.Config(ctx, n.Identity); err != nil {
		return open, err
	}
	if open.platform, err = tables.ParsePlatforms(n.Platform); err != nil {
		return open, fmt.Errorf("platform of agent %s: %w", n.ID, err)
	}
	return open, nil
}

// query gives the scheduled query of a collection.
func (o *scanWork) query(collection string) (query protocol.ConfigQuery, scheduled bool) {
	i, ok := slices.BinarySearchFunc(o.config.Queries, collection, func(q protocol.ConfigQuery, c string) int { return strings.Compare(q.Collection, c) })
	if !ok {
		return query, false
	}
	return o.config.Queries[i], true
}

// scanned gives the query of a collection, or why the node does not run it.
func (s *Service) scanned(open scanWork, allowed tables.Class, collection string) (query protocol.ConfigQuery, reason string) {
	query, ok := open.query(collection)
	if !ok {
		return query, "it is not scheduled any more"
	}
	if reason = withheld(s.plan(query.SQL, open.platform), open.config.DisabledTables, allowed); reason == "" && query.Discovery != "" {
		if lacks := s.plan(query.Discovery, open.platform).lacks; lacks != "" {
			reason = "its discovery needs " + lacks
		}
	}
	return query, reason
}

// statementOf gives no row where the discovery statement gives none: the collection is then empty here.
func statementOf(query protocol.ConfigQuery) string {
	if query.Discovery == "" {
		return query.SQL
	}
	trim := func(sql string) string { return strings.TrimRight(strings.TrimSpace(sql), "; \n\t") }
	return "SELECT * FROM (" + trim(query.SQL) + ") WHERE EXISTS (" + trim(query.Discovery) + ")"
}

// takeScans stores the answers to questions of scans. What nobody awaits is dropped.
func (s *Service) takeScans(ctx context.Context, key string, n node, r writeRequest) error {
	answered := map[string]bool{}
	for _, ids := range []func(func(string) bool){maps.Keys(r.Queries), maps.Keys(r.Statuses)} {
		for id := range ids {
			if strings.HasPrefix(id, scanPrefix) {
				answered[id] = true
			}
		}
	}
	if len(answered) == 0 {
		return nil
	}
	open, err := s.openScans(ctx, n)
	if err != nil {
		return err
	}
	epoch := max(s.Now().Unix(), n.epoch+2)
	stored := false
	for _, order := range open.orders {
		for _, collection := range order.Collections {
			id := scanQuestion(order.Scan, collection)
			query, ok := open.query(collection)
			if !answered[id] || !ok {
				continue
			}
			execution := protocol.Execution{StatusCode: 1, Log: r.Messages[id], DurationMS: int64(max(r.Stats[id].WallTime, 0))}
			if r.Statuses[id] == 0 {
				if execution, err = s.putScanned(ctx, n, query, open.platform, r.Queries[id], epoch-1, execution); err != nil {
					return err
				}
				stored = true
			} else if execution.Log == "" {
				execution.Log = "osquery could not run the statement"
			}
			if err := s.told(ctx, n, order.Scan, collection, execution); err != nil {
				return err
			}
		}
	}
	if !stored {
		return nil
	}
	s.forget(key)
	return s.beginEpoch(ctx, n, epoch)
}

// putScanned stores an answer as the whole state of its collection.
func (s *Service) putScanned(ctx context.Context, n node, query protocol.ConfigQuery, platform tables.Platforms, list []map[string]any, epoch int64, execution protocol.Execution) (protocol.Execution, error) {
	p := s.plan(query.SQL, platform)
	columns := p.shape(list)
	values, err := p.values(columns, list)
	if err != nil {
		execution.Log = "the answer cannot be stored: " + err.Error()
		return execution, nil
	}
	sender := rows.Sender{Tenant: n.Tenant, Agent: n.Key, TenantID: n.TenantID, AgentID: n.ID}
	b, refused := rows.Relay(sender, rows.Relayed{Collection: query.Collection, Version: p.version, Mode: query.Mode, Epoch: epoch, At: s.Now(), Columns: columns, Added: values}, s.Now())
	if refused != nil {
		execution.Log = refused.Message
		return execution, nil
	}
	if busy := s.SpendRows(ctx, n.Tenant, len(values)); busy != nil {
		return execution, busy
	}
	var lost dropped
	if _, err := s.store(ctx, n, []*rows.Batch{b}, &lost); err != nil {
		return execution, err
	}
	if lost.lines > 0 {
		execution.Log = strings.Join(lost.reasons, "; ")
		return execution, nil
	}
	execution.StatusCode, execution.Log, execution.Rows = 0, "", int64(len(values))
	return execution, nil
}

func (s *Service) told(ctx context.Context, n node, scan uuid.UUID, collection string, e protocol.Execution) error {
	return s.Scans.Told(ctx, n.Identity, protocol.BatchHeader{ScanContextID: scanruns.ContextID(scan), Collection: collection, Execution: e})
}

// beginEpoch has a node tell all of its schedule anew from its next configuration on.
func (s *Service) beginEpoch(ctx context.Context, n node, epoch int64) error {
	const text = `UPDATE osquery_nodes SET epoch = $3 WHERE tenant_id = $1 AND agent_id = $2 AND epoch < $3`
	return s.DB.InScope(ctx, access.System(n.Tenant, "osquery"), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, text, n.Tenant, n.Key, epoch); err != nil {
			return fmt.Errorf("begin epoch of agent %s: %w", n.ID, err)
		}
		return nil
	})
}
