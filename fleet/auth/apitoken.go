package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const tokenPrefix = "tnt_"

// tokenState is what an API token may be used for.
type tokenState struct {
	tenant    int32 // it reaches this tenant and those below
	tenantID  uuid.UUID
	plan      access.Tier
	name      string
	role      access.Role // of a service's token
	rights    access.Rights
	addresses []netip.Prefix // none: from everywhere
}

// authenticateToken gives the scope of an API token: its rights among those that its person has now, or among those of its
// role.
func (s *Service) authenticateToken(ctx context.Context, bearer, tenant string, recursive bool, address string) (httpapi.Caller, error) {
	id, err := s.findToken(ctx, bearer)
	if err != nil {
		return httpapi.Caller{}, err
	}
	actor := access.Actor{Kind: access.KindToken, ID: id, Address: address, Session: id}
	st, err := s.alive(ctx, actor)
	if err != nil {
		return httpapi.Caller{}, err
	}
	if !st.token.from(address) {
		s.log.WarnContext(ctx, "a token was used from an address that it is not for", "token_id", id, "address", address)
		return httpapi.Caller{}, unauthenticated()
	}
	if !st.token.plan.Has(access.APITokens) {
		return httpapi.Caller{}, fault.New(fault.TierRequired, "the plan %s does not have %s; %s has it", st.token.plan, access.APITokens, access.APITokens.Tier())
	}
	actor.Name, actor.OnBehalf = st.token.name, st.person
	if st.email != "" {
		actor.Name += " of " + st.email
	}
	if tenant == "" {
		tenant = st.token.tenantID.String()
	}
	caller, err := s.caller(ctx, actor, st, tenant, recursive)
	if err != nil {
		return httpapi.Caller{}, err
	}
	s.touch(ctx, id, address)
	return caller, nil
}

// from tells whether the token may be used from the address.
func (t *tokenState) from(address string) bool {
	if len(t.addresses) == 0 {
		return true
	}
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, network := range t.addresses {
		if network.Contains(parsed) {
			return true
		}
	}
	return false
}

// findToken gives the id of a token. What a hash belongs to never changes, so it is remembered; whether it still holds is
// judged by its state.
func (s *Service) findToken(ctx context.Context, bearer string) (uuid.UUID, error) {
	secret, err := protocol.ParseToken(tokenPrefix, bearer)
	if err != nil || len(secret) != protocol.SecretSize {
		return uuid.Nil, unauthenticated()
	}
	hash := sha256.Sum256(secret)
	if id, known := s.tokenIDs.Get(hash); known {
		return id, nil
	}
	var id *uuid.UUID
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.find_token($1)`, hash[:]).Scan(&id)
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("find token: %w", err)
	}
	if id == nil {
		return uuid.Nil, unauthenticated()
	}
	s.tokenIDs.Add(hash, *id)
	return *id, nil
}

const sqlTokenState = `
SELECT tenant_id, tenant_public_id, plan, coalesce(user_tenant_id, 0), coalesce(user_id, 0), user_public_id, coalesce(role, ''), permissions, addresses
  FROM keeper.token_state($1, $2)`

const sqlTokenName = `SELECT name FROM api_tokens WHERE tenant_id = $1 AND public_id = $2`

func (s *Service) readToken(ctx context.Context, id uuid.UUID) (state, error) {
	st := state{read: time.Now()}
	var found tokenState
	var person *uuid.UUID
	var permissions, addresses []string
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, sqlTokenState, id, s.now()).Scan(&found.tenant, &found.tenantID, &found.plan, &st.tenant, &st.user, &person, &found.role, &permissions, &addresses)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read token: %w", err)
		}
		return nil
	})
	if err != nil || found.tenant == 0 {
		return st, err
	}
	err = s.db.InScope(ctx, access.System(found.tenant, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.QueryRow(ctx, sqlTokenName, found.tenant, id).Scan(&found.name); err != nil {
			return fmt.Errorf("read token: %w", err)
		}
		return nil
	})
	if err != nil {
		return st, err
	}
	for _, name := range permissions {
		found.rights |= access.RightsOf(access.Permission(name))
	}
	found.rights |= access.RightsOf(access.SelfManage) // a token may ask who it is
	for _, text := range addresses {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return st, fmt.Errorf("read networks of token %s: %w", id, err)
		}
		found.addresses = append(found.addresses, network)
	}
	st.token, st.within = &found, found.tenant
	if st.user == 0 {
		st.tenant = found.tenant
		return st, nil
	}
	st.person = *person
	st.email, err = s.email(ctx, st.tenant, st.user)
	return st, err
}

// touch remembers that a token was used, at most once a minute.
func (s *Service) touch(ctx context.Context, id uuid.UUID, address string) {
	if last, known := s.touched.Get(id); known && s.now().Sub(last) < time.Minute {
		return
	}
	s.touched.Add(id, s.now())
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT keeper.touch_token($1, $2, $3)`, id, address, s.now())
		return err
	})
	if err != nil {
		s.log.WarnContext(ctx, "when a token was last used is not kept", "token_id", id, "err", err)
	}
}

// APIToken is a fresh token: what its owner gets, and what is stored of it.
type APIToken struct {
	Secret string // shown once
	Hash   []byte
	Hint   string // the secret's last four characters
}

// NewAPIToken makes a token.
func NewAPIToken() APIToken {
	secret := make([]byte, protocol.SecretSize)
	rand.Read(secret)
	sum := sha256.Sum256(secret)
	text := protocol.FormatToken(tokenPrefix, secret)
	return APIToken{Secret: text, Hash: sum[:], Hint: text[len(text)-4:]}
}

// Forget drops what this server remembers of a token, session or grant that has ended; other servers ask anew within seconds.
func (s *Service) Forget(id uuid.UUID) {
	s.forget(id)
	s.grants.Remove(id)
}
