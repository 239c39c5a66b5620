package orchestration

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Events,
	Extensions,
	Flags,
	Registry,
	EventTables,
	Info,
	Packs,
	Schedule,
}
