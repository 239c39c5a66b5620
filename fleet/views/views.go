// Package views answers how a person wants to see a list: filters, order and columns under a name, one's own or shared with
// the tenant, and which of them a list opens with.
package views

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
)

const (
	nameMax   = 60
	pageMax   = 40
	searchMax = 4000
	// ownMax is how many views a person may keep in a tenant: far more than anybody reads in a menu.
	ownMax = 200
)

// View is a list's look under a name. It belongs to a tenant and to the person who saved it.
type View struct {
	ID        uuid.UUID
	Page      string // the list: "agents", "findings"
	Name      string
	Search    string // the address's query without the mark: "f=os:linux&sort=-seen"
	Shared    bool   // everybody of the tenant sees it
	Owner     uuid.UUID
	OwnerName string // as the owner was called when they saved it
	Default   bool   // the list opens with it, for the person who asks
	ChangedAt time.Time
}

// Draft is what a person says of a view.
type Draft struct {
	Name   string
	Search string
	Shared bool
}

func (d *Draft) validate() error {
	d.Name = strings.TrimSpace(d.Name)
	switch {
	case d.Name == "" || utf8.RuneCountInString(d.Name) > nameMax || !plaintext.IsLine(d.Name):
		return fault.Field(fault.Invalid, "body.name", "a name is one line of 1 to %d characters", nameMax)
	case len(d.Search) > searchMax || !plaintext.IsLine(d.Search) || strings.ContainsAny(d.Search, "?#/\\ "):
		return fault.Field(fault.Invalid, "body.search", "give the query of the list's address, without the question mark, of at most %d bytes", searchMax)
	}
	return nil
}

// validatePage refuses what is no list's name. Which lists there are, the console knows.
func validatePage(field, page string) error {
	if page == "" || len(page) > pageMax || strings.Trim(page, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return fault.Field(fault.Invalid, field, "a list's name is 1 to %d small letters and hyphens", pageMax)
	}
	return nil
}
