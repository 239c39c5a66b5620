package agents

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// groupTime bounds the work on a group; the database's own restart is waited for inside it.
const groupTime = 2 * time.Minute

// twinsMax is how many other agents on the same hardware are told of.
const twinsMax = 10

// applicant is an endpoint whose secret was found, and what comes of it. It is a group's until done is closed.
type applicant struct {
	id         uuid.UUID
	address    string
	secret     knownSecret
	key        ed25519.PublicKey
	facts      protocol.Facts
	hardwareID string
	also       func(pipe *pgx.Batch, at time.Time, tenant, agent int32) // nil for none
	gone       <-chan struct{}                                          // closed when nobody waits any more

	identity Identity
	err      error
	done     chan struct{}
}

func (a *applicant) actor() access.Actor {
	return access.Actor{Kind: access.KindAgent, ID: a.id, Name: a.facts.Hostname, Address: a.address}
}

// admit makes agents of a group of applicants in one transaction and tells each its own end. One that spoils the transaction
// is found by halving the group, so that it spoils nothing for others.
func (s *Service) admit(group []*applicant) {
	group = slices.DeleteFunc(group, func(a *applicant) bool {
		select {
		case <-a.gone: // its use of the secret would be lost
			a.err = context.Canceled
			close(a.done)
			return true
		default:
			return false
		}
	})
	if len(group) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), groupTime)
	defer cancel()
	ended, err := s.store(ctx, group)
	if err != nil && len(group) > 1 && spoils(err) {
		half := len(group) / 2
		s.admit(group[:half:half])
		s.admit(group[half:])
		return
	}
	for i, a := range group {
		if a.err = err; err == nil {
			a.identity, a.err = ended[i].identity, ended[i].err
		}
		close(a.done)
	}
}

// spoils tells an error that is one applicant's own: a value that the database cannot hold (class 22), or that is there
// already (class 23).
func spoils(err error) bool {
	var answered *pgconn.PgError
	return errors.As(err, &answered) && (strings.HasPrefix(answered.Code, "22") || strings.HasPrefix(answered.Code, "23"))
}

// end is what came of an applicant.
type end struct {
	identity Identity
	err      error
}

// store admits the group in one transaction. Where the end of the commit is unknown it looks whether it took place.
func (s *Service) store(ctx context.Context, group []*applicant) ([]end, error) {
	tenants := make([]int32, len(group))
	for i, a := range group {
		tenants[i] = a.secret.tenant
	}
	slices.Sort(tenants)
	tenants = slices.Compact(tenants)
	actor := access.Actor{Kind: access.KindSystem, Name: "enroll"}
	var before *admission
	for {
		var now *admission
		err := s.DB.InTenants(ctx, tenants, actor, func(ctx context.Context, tx *postgres.Tx) error {
			now = &admission{s: s, tx: tx, group: group, ends: make([]end, len(group))}
			return now.run(ctx, before)
		})
		if fault.CodeOf(err) == fault.Unavailable && before == nil && now != nil {
			before = now
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("enrol: %w", err)
		}
		for _, e := range now.ends {
			if e.err == nil {
				s.identities.remember(e.identity)
			}
		}
		return now.ends, nil
	}
}

// admission is one transaction. It decides who of the group is let in, in their order, then stores all of them.
type admission struct {
	s     *Service
	tx    *postgres.Tx
	group []*applicant
	ends  []end

	secrets map[secretKey]*secretStock
	in      []int // who is let in, by place in the group
}

type secretKey struct {
	tenant int32
	id     uuid.UUID
}

// secretStock is what is left of a secret.
type secretStock struct {
	left, took    int
	needsApproval bool
	expiresAt     time.Time
}

func (a *applicant) secretKey() secretKey { return secretKey{a.secret.tenant, a.secret.id} }

// run is the transaction. before is one of which nobody knows whether it was committed, nil for none: the locks on the secrets
// wait until it has ended.
func (n *admission) run(ctx context.Context, before *admission) (err error) {
	if n.secrets, err = lockSecrets(ctx, n.tx, n.group); err != nil {
		return err
	}
	if before != nil && len(before.in) > 0 {
		stored, err := isStored(ctx, n.tx, before.group[before.in[0]])
		if err != nil {
			return err
		}
		if stored {
			n.in, n.ends = before.in, before.ends
			n.announce()
			return nil
		}
	}
	if err := n.decide(ctx); err != nil || len(n.in) == 0 {
		return err
	}
	twins, err := listTwins(ctx, n.tx, n.group, n.in)
	if err != nil {
		return err
	}
	if err := n.create(ctx); err != nil {
		return err
	}
	if err := n.tellTwins(ctx, twins); err != nil {
		return err
	}
	if err := n.record(ctx); err != nil {
		return err
	}
	n.announce()
	return nil
}

// decide lets in who has a use of a secret and a place in the tenant's plan.
func (n *admission) decide(ctx context.Context) error {
	var places Places
	if n.s.Room != nil {
		var tenants []int32
		for key := range n.secrets {
			tenants = append(tenants, key.tenant)
		}
		slices.Sort(tenants)
		var err error
		if places, err = n.s.Room(ctx, n.tx, slices.Compact(tenants)); err != nil {
			return err
		}
	}
	for i, a := range n.group {
		secret := n.secrets[a.secretKey()]
		if secret == nil || secret.left == secret.took || !secret.expiresAt.After(n.tx.Now) {
			n.ends[i].err = errRefused
			continue
		}
		if places != nil {
			if err := places.Take(a.secret.tenant); err != nil {
				n.ends[i].err = noRoom(err)
				continue
			}
		}
		secret.took++
		n.in = append(n.in, i)
		state := Active
		if secret.needsApproval {
			state = Pending
		}
		n.ends[i].identity = Identity{ID: a.id, TenantID: a.secret.tenantID, Tenant: a.secret.tenant, PublicKey: a.key, State: state, Platform: a.facts.Platform}
	}
	return nil
}

// noRoom tells an endpoint whose secret holds why it is not let in.
func noRoom(err error) error {
	var full *fault.Error
	if errors.As(err, &full) && full.Code == fault.LimitReached {
		return &protocol.Error{Code: protocol.CodeEnrollRefused, Message: full.Message}
	}
	return err
}

// create stores the agents and what belongs to them.
func (n *admission) create(ctx context.Context) error {
	keys, err := createAgents(ctx, n.tx, n)
	if err != nil {
		return err
	}
	var tenants, agents []int32
	pipe := &pgx.Batch{}
	for _, i := range n.in {
		a, identity := n.group[i], &n.ends[i].identity
		identity.Key = keys[a.id]
		tenants, agents = append(tenants, identity.Tenant), append(agents, identity.Key)
		if a.also != nil {
			a.also(pipe, n.tx.Now, identity.Tenant, identity.Key)
		}
	}
	if n.s.Enrolled != nil {
		if err := n.s.Enrolled(ctx, n.tx, tenants, agents); err != nil {
			return err
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	if err := n.tx.SendBatch(ctx, pipe).Close(); err != nil {
		return fmt.Errorf("store what belongs to agents: %w", err)
	}
	return nil
}

// tellTwins raises a finding for each agent that seems to be on the machine of another: those that were there, by place in the
// group, and those let in before it.
func (n *admission) tellTwins(ctx context.Context, twins map[int][]twin) error {
	type machine struct {
		tenant   int32
		hardware string
	}
	met := map[machine][]twin{}
	for _, i := range n.in {
		a, identity := n.group[i], n.ends[i].identity
		if a.hardwareID == "" {
			continue
		}
		m := machine{identity.Tenant, a.hardwareID}
		others := slices.Concat(twins[i], met[m])
		met[m] = append(met[m], twin{a.id, a.facts.Hostname})
		for _, other := range others[:min(len(others), twinsMax)] {
			err := n.s.Findings.RaiseAgent(ctx, n.tx.As(identity.Tenant, identity.TenantID, a.actor()), Finding{
				Tenant: identity.Tenant, Agent: identity.Key, AgentID: a.id, Kind: "same_hardware", Subject: other.ID.String(),
				Title: "Two agents name the same hardware",
				Message: fmt.Sprintf("%q enrolled with the hardware id of agent %s (%q). If the endpoint was installed anew, revoke the older agent; if it was copied, give the copy its own machine id.",
					a.facts.Hostname, other.ID, other.Hostname),
			})
			if err != nil {
				return fmt.Errorf("raise finding: %w", err)
			}
		}
	}
	return nil
}

// record has the tenants' audits tell of each agent.
func (n *admission) record(ctx context.Context) error {
	acts := make([]audit.Act, 0, len(n.in))
	for _, i := range n.in {
		a := n.group[i]
		acts = append(acts, audit.Act{Tenant: a.secret.tenant, Actor: a.actor(), Entry: audit.Entry{Action: "agents.enroll", Object: object(a.id),
			Detail: map[string]any{"enroll_secret": a.secret.id, "hostname": a.facts.Hostname, "platform": a.facts.Platform, "state": n.ends[i].identity.State}}})
	}
	return audit.RecordAll(ctx, n.tx, acts)
}

// announce tells consoles of the new agents once they are stored.
func (n *admission) announce() {
	n.tx.AfterCommit(func() {
		for _, i := range n.in {
			identity := n.ends[i].identity
			n.s.announce(changed{tenantID: identity.TenantID, agentID: identity.ID, status: StatusOffline, at: n.tx.Now})
		}
	})
}

// inOrder gives the secrets in the order in which all servers take them, against deadlocks.
func inOrder(keys []secretKey) []secretKey {
	slices.SortFunc(keys, func(x, y secretKey) int {
		return cmp.Or(cmp.Compare(x.tenant, y.tenant), slices.Compare(x.id[:], y.id[:]))
	})
	return slices.Compact(keys)
}
