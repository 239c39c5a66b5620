// Package tokens keeps API tokens: what programs sign their calls with. A person's token may do what the person may at the
// moment of the call, of a chosen set of permissions; a tenant's service token has a role of its own and outlives whoever
// made it. How a token becomes a scope is fleet/auth's.
package tokens

import (
	"context"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	lifeDays     = 90
	lifeMostDays = 365
	networksMost = 20
	tokensMost   = 100 // of one person, and of one tenant's services
)

// Kind tells people's tokens from services'.
type Kind string

// The kinds of tokens.
const (
	Personal Kind = "personal"
	Service  Kind = "service"
)

// Token is what is known of a token; the secret itself is known to its owner alone.
type Token struct {
	ID          uuid.UUID           `json:"id"`
	TenantID    uuid.UUID           `json:"tenant_id" doc:"It reaches this tenant and those below."`
	Kind        Kind                `json:"kind" enum:"personal,service"`
	Name        string              `json:"name"`
	Hint        string              `json:"hint" doc:"The secret's last four characters."`
	Owner       string              `json:"owner" doc:"E-mail address of the person whose it is; empty for a service's, and where the person belongs to another tenant."`
	Role        access.Role         `json:"role" doc:"Of a service's token; empty for a person's."`
	Permissions []access.Permission `json:"permissions" doc:"What it may be used for, where its owner or role has it too."`
	Addresses   []string            `json:"addresses" doc:"Networks that it may be used from; empty: from everywhere."`
	ExpiresAt   time.Time           `json:"expires_at"`
	LastUsedAt  *time.Time          `json:"last_used_at" doc:"To the minute; null when never."`
	LastAddress string              `json:"last_address"`
	RevokedAt   *time.Time          `json:"revoked_at"`
	CreatedBy   string              `json:"created_by"`
	CreatedAt   time.Time           `json:"created_at"`

	tenant int32
}

// New is what a token is made from.
type New struct {
	Name        string
	Role        access.Role // of a service's
	Permissions []access.Permission
	Addresses   []string
	Days        int // 0: 90
}

// Accounts is what tokens need of sign-in; fleet/auth implements it.
type Accounts interface {
	Home(ctx context.Context, scope access.Scope) (tenant int32, err error)
	Forget(id uuid.UUID)
}

// Keeper makes, lists and revokes tokens.
type Keeper struct {
	db       *postgres.DB
	accounts Accounts
}

// NewKeeper makes the service.
func NewKeeper(db *postgres.DB, accounts Accounts) *Keeper {
	return &Keeper{db: db, accounts: accounts}
}

// never is what no token may be used for: it would let whoever finds one make it last.
func never() access.Rights {
	return access.RightsOf(access.SelfManage, access.TokensManage, access.TenantsImpersonate)
}

func (n *New) validate() error {
	n.Name = strings.TrimSpace(n.Name)
	if n.Days == 0 {
		n.Days = lifeDays
	}
	switch {
	case n.Name == "" || utf8.RuneCountInString(n.Name) > 100 || strings.ContainsRune(n.Name, 0):
		return fault.Field(fault.Invalid, "body.name", "must have 1 to 100 characters")
	case n.Days < 1 || n.Days > lifeMostDays:
		return fault.Field(fault.Invalid, "body.expires_in_days", "must be 1 to %d", lifeMostDays)
	case len(n.Addresses) > networksMost:
		return fault.Field(fault.Invalid, "body.addresses", "at most %d networks", networksMost)
	}
	for i, text := range n.Addresses {
		network, err := parseNetwork(text)
		if err != nil {
			return fault.Field(fault.Invalid, "body.addresses", "%q is no network: write 192.0.2.0/24 or one address", text)
		}
		n.Addresses[i] = network.String()
	}
	for _, p := range n.Permissions {
		if !p.Valid() {
			return fault.Field(fault.Invalid, "body.permissions", "there is no permission %q", p)
		}
		if never().Has(p) {
			return fault.Field(fault.Invalid, "body.permissions", "%s is for people, no token can have it", p)
		}
	}
	return nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.Unmap().Prefix(address.Unmap().BitLen())
	}
	network, err := netip.ParsePrefix(text)
	return network.Masked(), err
}

// CreatePersonal makes a token of the caller for the tenant acted in and those below. With no permissions named it may do
// all that the caller may there, now.
func (k *Keeper) CreatePersonal(ctx context.Context, scope access.Scope, n New) (made Token, secret string, err error) {
	if err := n.validate(); err != nil {
		return Token{}, "", err
	}
	rights := scope.Rights() &^ never()
	if len(n.Permissions) > 0 {
		rights = access.RightsOf(n.Permissions...)
	}
	if lacking := rights &^ scope.Rights(); lacking != 0 {
		return Token{}, "", fault.Field(fault.Forbidden, "body.permissions", "you do not have %s here yourself", lacking.List()[0])
	}
	home, err := k.accounts.Home(ctx, scope)
	if err != nil {
		return Token{}, "", err
	}
	return k.create(ctx, scope, Token{Kind: Personal, Owner: scope.Actor.Name}, n, rights, home)
}

// CreateService makes a token of the tenant acted in with a role of its own. Nobody gives it what they lack.
func (k *Keeper) CreateService(ctx context.Context, scope access.Scope, n New) (made Token, secret string, err error) {
	if err := n.validate(); err != nil {
		return Token{}, "", err
	}
	if !n.Role.Valid() || n.Role.Has(access.TenantsManage) {
		return Token{}, "", fault.Field(fault.Invalid, "body.role", "must be ADMIN, MANAGER, USER, READONLY or BILLING_VIEWER")
	}
	rights := n.Role.Rights() &^ never()
	if len(n.Permissions) > 0 {
		rights = access.RightsOf(n.Permissions...)
	}
	if lacking := rights &^ n.Role.Rights(); lacking != 0 {
		return Token{}, "", fault.Field(fault.Invalid, "body.permissions", "the role %s does not have %s", n.Role, lacking.List()[0])
	}
	if lacking := rights &^ scope.Rights(); lacking != 0 {
		return Token{}, "", fault.Field(fault.Forbidden, "body.role", "you do not have %s here yourself", lacking.List()[0])
	}
	return k.create(ctx, scope, Token{Kind: Service, Role: n.Role}, n, rights, 0)
}

func (k *Keeper) create(ctx context.Context, scope access.Scope, made Token, n New, rights access.Rights, home int32) (Token, string, error) {
	if rights == 0 {
		return Token{}, "", fault.Field(fault.Invalid, "body.permissions", "the token could do nothing")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Token{}, "", err
	}
	fresh := auth.NewAPIToken()
	made.ID, made.TenantID, made.Name, made.Hint = id, scope.TenantID, n.Name, fresh.Hint
	made.Permissions, made.Addresses = rights.List(), append([]string{}, n.Addresses...)
	err = k.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		made.CreatedAt, made.CreatedBy, made.ExpiresAt = tx.Now, tx.Scope.Actor.String(), tx.Now.AddDate(0, 0, n.Days)
		if err := insert(ctx, tx, made, fresh.Hash, home); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "tokens.create", Object: "token:" + id.String(), Detail: map[string]any{
			"name": made.Name, "kind": made.Kind, "role": made.Role, "permissions": made.Permissions, "addresses": made.Addresses, "expires_at": made.ExpiresAt,
		}})
	})
	if err != nil {
		return Token{}, "", err
	}
	return made, fresh.Secret, nil
}

// List gives a page of the tokens of the scope's tenants, newest first, people's and services'.
func (k *Keeper) List(ctx context.Context, scope access.Scope, before uuid.UUID, limit int) ([]Token, error) {
	var list []Token
	err := k.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		list, err = listTokens(ctx, tx, before, limit)
		return err
	})
	return list, err
}

// Mine gives the caller's own tokens, for whichever tenants, newest first.
func (k *Keeper) Mine(ctx context.Context, scope access.Scope) ([]Token, error) {
	var list []Token
	err := k.inOwn(ctx, scope, func(ctx context.Context, tx *postgres.Tx, home, user int32) error {
		var err error
		list, err = ownTokens(ctx, tx, home, user)
		return err
	})
	return list, err
}

// Revoke ends a token of the scope's tenants.
func (k *Keeper) Revoke(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	var tenant int32
	err := k.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		tenant, err = tenantOf(ctx, tx, id, 0, 0)
		return err
	})
	if err != nil {
		return err
	}
	return k.end(ctx, scope.Actor, tenant, id)
}

// RevokeMine ends a token of the caller's own.
func (k *Keeper) RevokeMine(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	var tenant int32
	err := k.inOwn(ctx, scope, func(ctx context.Context, tx *postgres.Tx, home, user int32) error {
		var err error
		tenant, err = tenantOf(ctx, tx, id, home, user)
		return err
	})
	if err != nil {
		return err
	}
	return k.end(ctx, scope.Actor, tenant, id)
}

// end revokes a token in the tenant that it is for, where the audit log tells of it.
func (k *Keeper) end(ctx context.Context, actor access.Actor, tenant int32, id uuid.UUID) error {
	there := access.Scope{Tenant: tenant, Visible: []int32{tenant}, Actor: actor}
	return k.db.InScope(ctx, there, func(ctx context.Context, tx *postgres.Tx) error {
		name, done, err := revokeToken(ctx, tx, id)
		if err != nil || done {
			return err
		}
		tx.AfterCommit(func() { k.accounts.Forget(id) })
		return audit.Record(ctx, tx, audit.Entry{Action: "tokens.revoke", Object: "token:" + id.String(), Detail: map[string]string{"name": name}})
	})
}

// inOwn runs fn where the caller has tokens: in tenants that the scope need not see. fn must name the person in what it
// reads.
func (k *Keeper) inOwn(ctx context.Context, scope access.Scope, fn func(ctx context.Context, tx *postgres.Tx, home, user int32) error) error {
	home, err := k.accounts.Home(ctx, scope)
	if err != nil {
		return err
	}
	user, tenants, err := k.tenantsOf(ctx, home, scope.Actor.ID)
	if err != nil {
		return err
	}
	wide := access.Scope{Tenant: tenants[0], Visible: tenants, Actor: scope.Actor}
	return k.db.InSubtree(ctx, wide, func(ctx context.Context, tx *postgres.Tx) error { return fn(ctx, tx, home, user) })
}
