package osquery

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/postgres"
)

type keyHash [sha256.Size]byte

// node is an osqueryd as its key tells.
type node struct {
	agents.Identity
	host     string // its identifier
	epoch    int64
	config   int64 // version
	enrolled time.Time
}

// remembered is a node without its identity: whether it is revoked is asked anew.
type remembered struct {
	agent uuid.UUID
	node
	until time.Time
}

// errInvalidNode is the one answer to every key that names no agent that may speak.
var errInvalidNode = &protocol.Error{Code: protocol.CodeUnknownAgent, Message: "the node key does not hold: enrol again"}

// newKey makes a node key.
func newKey() string {
	key := make([]byte, 32)
	rand.Read(key)
	return base64.RawURLEncoding.EncodeToString(key)
}

// identify gives the node of a key. A key that is unknown or revoked is errInvalidNode.
func (s *Service) identify(ctx context.Context, key string) (node, error) {
	if key == "" || len(key) > identifier {
		return node{}, errInvalidNode
	}
	hash, now := keyHash(sha256.Sum256([]byte(key))), s.Now()
	s.mu.Lock()
	r, ok := s.nodes[hash]
	s.mu.Unlock()
	if !ok || !now.Before(r.until) {
		var err error
		if r, err = s.lookup(ctx, hash); err != nil {
			return node{}, err
		}
		r.until = now.Add(nodeAge)
		s.mu.Lock()
		if len(s.nodes) >= nodesMax {
			clear(s.nodes)
		}
		s.nodes[hash] = r
		s.mu.Unlock()
	}
	identity, err := s.Agents.Identify(ctx, r.agent)
	var refused *protocol.Error
	if errors.As(err, &refused) && refused.Code != protocol.CodePending {
		return node{}, errInvalidNode
	}
	if err != nil {
		return node{}, err
	}
	n := r.node
	n.Identity = identity
	return n, nil
}

func (s *Service) lookup(ctx context.Context, hash keyHash) (r remembered, err error) {
	err = s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var agent *uuid.UUID
		var host *string
		var epoch, config *int64
		var enrolled *time.Time
		err := tx.QueryRow(ctx, `SELECT agent_public, host, epoch, config_version, enrolled_at FROM keeper.osquery_node($1)`, hash[:]).
			Scan(&agent, &host, &epoch, &config, &enrolled)
		if err != nil {
			return fmt.Errorf("look up node: %w", err)
		}
		if agent == nil {
			return errInvalidNode
		}
		r = remembered{agent: *agent, node: node{host: *host, epoch: *epoch, config: *config, enrolled: *enrolled}}
		return nil
	})
	return r, err
}

// forget has the next request read a node anew.
func (s *Service) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.nodes, keyHash(sha256.Sum256([]byte(key))))
}

const sqlCreateNode = `
INSERT INTO osquery_nodes (tenant_id, agent_id, key_sha256, host_identifier, epoch, enrolled_at) VALUES ($1, $2, $3, $4, $5, $6)`

// createNode adds to a transaction that the agent is a node.
func createNode(pipe *pgx.Batch, at time.Time, tenant, agent int32, key, host string) {
	hash := sha256.Sum256([]byte(key))
	pipe.Queue(sqlCreateNode, tenant, agent, hash[:], host, at.Unix(), at)
}

// putEpoch begins a new epoch for a node, unless it has a young one: the node then tells all of its schedule anew.
func (s *Service) putEpoch(ctx context.Context, n node) error {
	const text = `UPDATE osquery_nodes SET epoch = $3 WHERE tenant_id = $1 AND agent_id = $2 AND epoch < $4`
	now := s.Now()
	return s.DB.InScope(ctx, access.System(n.Tenant, "osquery"), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, text, n.Tenant, n.Key, now.Unix(), now.Add(-epochAge).Unix()); err != nil {
			return fmt.Errorf("begin epoch of agent %s: %w", n.ID, err)
		}
		return nil
	})
}

// putConfig notes the version of the configuration that a node was told. It tells whether the node had another before.
func (s *Service) putConfig(ctx context.Context, n node, version int64) (changed bool, err error) {
	const text = `UPDATE osquery_nodes SET config_version = $3 WHERE tenant_id = $1 AND agent_id = $2 AND config_version <> $3`
	err = s.DB.InScope(ctx, access.System(n.Tenant, "osquery"), func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, text, n.Tenant, n.Key, version)
		if err != nil {
			return fmt.Errorf("note configuration of agent %s: %w", n.ID, err)
		}
		changed = done.RowsAffected() > 0
		return nil
	})
	return changed, err
}
