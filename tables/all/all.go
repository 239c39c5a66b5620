// Package all lists every table of the product: what the agent serves, what the fleet server validates against and what
// the reference documents.
package all

import (
	"slices"
	"strings"
	"sync"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/alerting"
	"github.com/tenantra/tenantra/tables/billing"
	"github.com/tenantra/tenantra/tables/cloud"
	"github.com/tenantra/tenantra/tables/compliance"
	"github.com/tenantra/tenantra/tables/containers"
	"github.com/tenantra/tenantra/tables/files"
	"github.com/tenantra/tenantra/tables/identity"
	"github.com/tenantra/tenantra/tables/kernel"
	"github.com/tenantra/tenantra/tables/network"
	"github.com/tenantra/tenantra/tables/orchestration"
	"github.com/tenantra/tenantra/tables/services"
	"github.com/tenantra/tenantra/tables/software"
	"github.com/tenantra/tenantra/tables/system"
	"github.com/tenantra/tenantra/tables/threat"
)

// categories has one line a package below tables/, in the order of tables.Categories.
var categories = [][]*tables.Table{
	system.Tables,
	software.Tables,
	cloud.Tables,
	containers.Tables,
	identity.Tables,
	network.Tables,
	files.Tables,
	services.Tables,
	kernel.Tables,
	threat.Tables,
	compliance.Tables,
	alerting.Tables,
	billing.Tables,
	orchestration.Tables,
	{orchestration.Registry(catalogue)},
}

// catalogue is what the table of tables lists.
var catalogue = &orchestration.Catalogue{}

// Tables gives every table of every platform, sorted by name. Callers must not change the slice.
func Tables() []*tables.Table { return list }

// On gives the tables of a platform, sorted by name.
func On(platform tables.Platforms) []*tables.Table {
	var found []*tables.Table
	for _, t := range list {
		if t.Platforms&platform != 0 {
			found = append(found, t)
		}
	}
	return found
}

// Find gives a table by its name or alias, or nil.
func Find(name string) *tables.Table { return byName()[strings.ToLower(name)] }

var (
	list   = sorted()
	byName = sync.OnceValue(func() map[string]*tables.Table { return index(list) })
)

func sorted() []*tables.Table {
	all := slices.Concat(categories...)
	slices.SortFunc(all, func(a, b *tables.Table) int { return strings.Compare(a.Name, b.Name) })
	catalogue.Tables = all
	return all
}

func index(all []*tables.Table) map[string]*tables.Table {
	m := make(map[string]*tables.Table, len(all))
	for _, t := range all {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			m[name] = t
		}
	}
	return m
}
