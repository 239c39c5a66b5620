package identity

import "github.com/tenantra/tenantra/tables"

// userGroup says that a user is in a group.
type userGroup struct {
	UID int64 `col:"uid" opt:"index" doc:"User id."`
	GID int64 `col:"gid" opt:"index" doc:"Group id."`
}

// UserGroups has a row for each group that an account is in, the primary one included and first.
// Source: passwd(5) and group(5) on Linux; as users and groups elsewhere.
var UserGroups = tables.DefineByPlatform(tables.Spec{
	Name: "user_groups", Doc: "Which account is in which group, the primary group included.",
	Category: tables.Identity, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT u.username, g.groupname FROM user_groups ug JOIN users u USING (uid) JOIN groups g ON g.gid = ug.gid WHERE g.groupname = 'sudo'"},
}, tables.Generators[userGroup]{Linux: generateUserGroups, Darwin: generateUserGroups, Windows: generateUserGroups})
