package msp

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// The rules by which a customer needs somebody now.
const (
	overdueAfter = 3 * 24 * time.Hour // of an open critical finding
	downShare    = 0.10               // of the agents
)

// Client is a customer, the tenant with all below it, and its health.
type Client struct {
	ID          uuid.UUID   `json:"id"`
	Name        string      `json:"name"`
	Slug        string      `json:"slug"`
	Plan        access.Tier `json:"plan" enum:"free,basic,pro,enterprise"`
	Status      string      `json:"status" enum:"active,suspended,archived"`
	Tenants     int         `json:"tenants" doc:"Of the customer, itself counted."`
	Agents      int         `json:"agents" doc:"Enrolled and not revoked."`
	Online      int         `json:"agents_online"`
	LastSeenAt  *time.Time  `json:"last_seen_at" doc:"When any of its agents was last heard; null: never."`
	Critical    int         `json:"findings_critical" doc:"Open."`
	High        int         `json:"findings_high"`
	Medium      int         `json:"findings_medium"`
	Low         int         `json:"findings_low"`
	OverdueDays int         `json:"overdue_days" doc:"Age of the oldest open critical finding."`
	Pass        int         `json:"checks_pass"`
	Fail        int         `json:"checks_fail"`
	Score       *float64    `json:"compliance_score" doc:"Share of verdicts that pass, 0 to 100; null without verdicts."`
	Grants      int         `json:"grants" doc:"Grants of access that hold now."`
	NeedsMe     []string    `json:"needs_me" doc:"Why somebody should look now; empty: nothing."`

	key int32
}

// place orders clients.
type place struct {
	Name string `json:"n"`
	ID   int32  `json:"i"`
}

const sqlClients = `
WITH customers AS (
    SELECT id, public_id, name, slug, plan, status FROM tenants
     WHERE parent_id = $1 AND status <> 'archived' AND (name, id) > ($2, $3)
     ORDER BY name, id LIMIT $4),
members AS (SELECT c.id AS customer, t.id AS tenant FROM customers c JOIN tenants t ON t.path @> ARRAY[c.id]),
heard AS (
    SELECT m.customer, count(*) AS agents, count(*) FILTER (WHERE p.online) AS online, max(p.last_seen_at) AS last_seen
      FROM members m JOIN agents a ON a.tenant_id = m.tenant AND a.state = 'active'
      LEFT JOIN agent_presence p ON p.tenant_id = a.tenant_id AND p.agent_id = a.id
     GROUP BY m.customer),
found AS (
    SELECT m.customer, count(*) FILTER (WHERE f.severity = 4) AS critical, count(*) FILTER (WHERE f.severity = 3) AS high,
           count(*) FILTER (WHERE f.severity = 2) AS medium, count(*) FILTER (WHERE f.severity = 1) AS low,
           min(f.first_seen_at) FILTER (WHERE f.severity = 4) AS oldest
      FROM members m JOIN findings f ON f.tenant_id = m.tenant AND f.state = 'open'
     GROUP BY m.customer),
judged AS (
    SELECT m.customer, count(*) FILTER (WHERE v.verdict = 'pass') AS pass, count(*) FILTER (WHERE v.verdict = 'fail') AS fail
      FROM members m JOIN verdicts v ON v.tenant_id = m.tenant
     GROUP BY m.customer),
granted AS (
    SELECT m.customer, count(*) AS grants FROM members m JOIN access_grants g ON g.tenant_id = m.tenant AND g.ended_at IS NULL AND g.expires_at > $5
     GROUP BY m.customer)
SELECT c.id, c.public_id, c.name, c.slug, c.plan, c.status, (SELECT count(*) FROM members m WHERE m.customer = c.id),
       coalesce(h.agents, 0), coalesce(h.online, 0), h.last_seen, coalesce(f.critical, 0), coalesce(f.high, 0), coalesce(f.medium, 0), coalesce(f.low, 0),
       coalesce(extract(epoch FROM $5 - f.oldest), 0)::bigint, coalesce(j.pass, 0), coalesce(j.fail, 0), coalesce(g.grants, 0)
  FROM customers c
  LEFT JOIN heard h ON h.customer = c.id
  LEFT JOIN found f ON f.customer = c.id
  LEFT JOIN judged j ON j.customer = c.id
  LEFT JOIN granted g ON g.customer = c.id
 ORDER BY c.name, c.id`

// Clients gives a page of the customers directly below the scope's tenant, each with all below it, by name. The scope must
// see the subtree.
func (s *Service) Clients(ctx context.Context, scope access.Scope, after place, limit int) ([]Client, error) {
	var list []Client
	now := s.Accounts.Now().UTC()
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, sqlClients, scope.Tenant, after.Name, after.ID, limit, now)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanClient)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	return list, nil
}

func scanClient(row pgx.CollectableRow) (Client, error) {
	var c Client
	var oldest int64
	err := row.Scan(&c.key, &c.ID, &c.Name, &c.Slug, &c.Plan, &c.Status, &c.Tenants, &c.Agents, &c.Online, &c.LastSeenAt, &c.Critical, &c.High, &c.Medium, &c.Low,
		&oldest, &c.Pass, &c.Fail, &c.Grants)
	age := time.Duration(oldest) * time.Second
	c.OverdueDays = int(age / (24 * time.Hour))
	if judged := c.Pass + c.Fail; judged > 0 {
		score := 100 * float64(c.Pass) / float64(judged)
		c.Score = &score
	}
	c.NeedsMe = c.reasons(age)
	return c, err
}

// reasons says why somebody should look at the customer now.
func (c *Client) reasons(oldestCritical time.Duration) []string {
	reasons := []string{}
	if c.Status != "active" {
		reasons = append(reasons, "the tenant is "+c.Status)
	}
	if oldestCritical > overdueAfter {
		reasons = append(reasons, fmt.Sprintf("a critical finding is open for %d days", c.OverdueDays))
	}
	if down := c.Agents - c.Online; c.Agents > 0 && float64(down) > downShare*float64(c.Agents) {
		reasons = append(reasons, fmt.Sprintf("%d of %d agents are offline", down, c.Agents))
	}
	if c.Agents == 0 {
		reasons = append(reasons, "no agent is enrolled")
	}
	return reasons
}

type clientsInput struct{ httpapi.Paging }

type clientsOutput struct{ Body httpapi.Page[Client] }

func (s *Service) clientRoutes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "list-clients", Method: http.MethodGet, Path: "/msp/clients", Summary: "Look over the health of all customers directly below the tenant", Tags: []string{"msp"},
		Permission: access.MSPRead, Subtree: true,
	}, func(ctx context.Context, scope access.Scope, in *clientsInput) (*clientsOutput, error) {
		var after place
		if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
			return nil, err
		}
		list, err := s.Clients(ctx, scope, after, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(list, in.Limit, func(last Client) any { return place{last.Name, last.key} })
		return &clientsOutput{Body: page}, err
	})
}
