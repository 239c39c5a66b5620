// Package access says who acts, in which tenant, and what that lets them do: actors, scopes, roles, the one permission
// table and the features of the tiers. It knows neither SQL nor HTTP.
package access

import (
	"slices"

	"github.com/google/uuid"
)

// ActorKind tells people from programs.
type ActorKind string

// The kinds of actors.
const (
	KindUser   ActorKind = "user"
	KindAgent  ActorKind = "agent"
	KindToken  ActorKind = "token"
	KindSystem ActorKind = "system"
)

// Actor is who does something.
type Actor struct {
	Kind     ActorKind
	ID       uuid.UUID // public id of the person, agent or token; zero for the system
	Name     string    // for people to read: e-mail address, host name, name of the job
	OnBehalf uuid.UUID // the person acted for while impersonating, or whose personal token this is, else zero
	Grant    uuid.UUID // the grant of access that is used (an msp_scope_token), else zero
	Address  string    // network address the request came from, "" for the system
	Session  uuid.UUID // the session of a signed-in person or the id of a token, else zero
}

// String is the actor as stored in created_by and last_modified_by: "user:<id>", "system:<name>".
func (a Actor) String() string {
	if a.ID == uuid.Nil {
		return string(a.Kind) + ":" + a.Name
	}
	return string(a.Kind) + ":" + a.ID.String()
}

// Scope is the part of the installation that one piece of work may touch. It is an argument, never a context value.
type Scope struct {
	Tenant   int32     // the tenant acted in; writes go here
	Visible  []int32   // tenants that can be read: Tenant alone, or its subtree where the operation says so
	TenantID uuid.UUID // public id of Tenant; zero in scopes made by System
	Actor    Actor
	Role     Role   // effective role at Tenant; "" for the system
	Without  Rights // what of the role does not hold: denied, outside of a token's scope, or switched off with the tenant
	Tier     Tier   // plan of Tenant; "" for the system
}

// System is the scope of the server's own work (jobs, gateway, ingest) in one tenant.
func System(tenant int32, name string) Scope {
	return Scope{Tenant: tenant, Visible: []int32{tenant}, Actor: Actor{Kind: KindSystem, Name: name}}
}

// Can tells whether the scope's role grants the permission. The system's scopes have no role and can do nothing that
// asks: work that runs later on a person's behalf re-evaluates that person.
func (s Scope) Can(p Permission) bool { return s.Rights().Has(p) }

// Rights is what can be done in the scope's tenant.
func (s Scope) Rights() Rights { return s.Role.Rights() &^ s.Without }

// CanGrant tells whether the role may be given to somebody in the scope's tenant: nobody grants a right that they lack,
// whether by role or because it was taken from them.
func (s Scope) CanGrant(role Role) bool {
	return s.Can(UsersManage) && s.Role.CanGrant(role) && role.Rights()&^s.Rights() == 0
}

// Sees tells whether rows of the tenant are visible in the scope.
func (s Scope) Sees(tenant int32) bool { return slices.Contains(s.Visible, tenant) }

// Only gives the scope narrowed to its own tenant.
func (s Scope) Only() Scope {
	s.Visible = []int32{s.Tenant}
	return s
}
