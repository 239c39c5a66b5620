package identity

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Groups,
	Last,
	LoggedInUsers,
	LoginDefs,
	Shadow,
	SSHDConfig,
	UserGroups,
	Users,
}
