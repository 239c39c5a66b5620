// Package savedqueries keeps statements that people want to ask again: with a name, for all of a tenant and the tenants
// below it or for oneself alone, in every version that they have had.
//
// A saved query holds no rights. It is checked against those of whoever saves it, and again against those of whoever runs
// it.
package savedqueries

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
)

const (
	nameMax      = 100
	textMax      = 2000
	sqlMax       = 64 << 10
	savedMax     = 5_000 // of one tenant
	versionsKept = 100
)

// Sharing says who sees a saved query.
type Sharing string

// Who sees it.
const (
	Shared Sharing = "shared" // everybody of the tenant and of those below it who may run queries
	Mine   Sharing = "mine"   // the person who saved it, in this tenant
)

// Query is a saved query.
type Query struct {
	ID          uuid.UUID
	Tenant      int32
	TenantID    uuid.UUID
	Name        string
	Description string
	SQL         string
	Sharing     Sharing
	Owner       uuid.UUID // the person who saved it first
	OwnerName   string
	Version     int // from 1
	CreatedAt   time.Time
	ModifiedAt  time.Time
	ModifiedBy  string
}

// Version is a text that a saved query has had.
type Version struct {
	Number  int       `json:"number"`
	Name    string    `json:"name"`
	SQL     string    `json:"sql"`
	SavedBy string    `json:"saved_by"`
	SavedAt time.Time `json:"saved_at"`
}

// Draft is what a person says of a query.
type Draft struct {
	Name        string
	Description string
	SQL         string
	Sharing     Sharing
}

func (d *Draft) validate() error {
	d.Name, d.SQL = strings.TrimSpace(d.Name), strings.TrimSpace(d.SQL)
	switch {
	case d.Name == "" || len(d.Name) > nameMax || !plaintext.IsLine(d.Name):
		return fault.Field(fault.Invalid, "body.name", "a name is one line of 1 to %d bytes", nameMax)
	case len(d.Description) > textMax || !plaintext.IsText(d.Description):
		return fault.Field(fault.Invalid, "body.description", "at most %d bytes of text", textMax)
	case d.SQL == "" || len(d.SQL) > sqlMax || !plaintext.IsText(d.SQL):
		return fault.Field(fault.Invalid, "body.sql", "write the statement: at most %d KiB of text", sqlMax>>10)
	case d.Sharing != Shared && d.Sharing != Mine:
		return fault.Field(fault.Invalid, "body.sharing", "shared or mine")
	}
	return nil
}

// person is who a scope acts for: oneself, or the person whose token is used. An impersonating person saves for oneself.
func person(scope access.Scope) uuid.UUID {
	if a := scope.Actor; a.Kind == access.KindToken && a.OnBehalf != uuid.Nil {
		return a.OnBehalf
	}
	return scope.Actor.ID
}

// mayChange tells whether the scope may change a query of its tenant: its owner may, and whoever keeps the tenant's packs
// may change what is shared.
func (q *Query) mayChange(scope access.Scope) bool {
	return q.Tenant == scope.Tenant && (q.Owner == person(scope) || q.Sharing == Shared && scope.Can(access.PacksManage))
}
