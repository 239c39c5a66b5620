package orchestration

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name, but for Registry, which needs the list of all.
var Tables = []*tables.Table{
	Events,
	Extensions,
	Flags,
	EventTables,
	Info,
	Packs,
	Schedule,
}
