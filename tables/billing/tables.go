package billing

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Costs,
	Queries,
}
