package identity

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// group is one group of accounts.
type group struct {
	GID       int64  `col:"gid" opt:"index" doc:"Group id."`
	GIDSigned int64  `col:"gid_signed" doc:"Group id as a signed 32-bit number."`
	Groupname string `col:"groupname" doc:"Name of the group."`
	GroupSID  string `col:"group_sid" opt:"index" os:"windows" doc:"Security identifier of the group."`
	Comment   string `col:"comment" os:"windows" doc:"Remarks of the administrator."`
	IsHidden  int32  `col:"is_hidden" os:"darwin" doc:"1 where the group is hidden from directory listings."`
	container.Process
}

// Groups has a row for each group of the machine.
// Source: group(5) on Linux, the local directory on macOS, NetLocalGroupEnum or SAM on Windows.
var Groups = tables.DefineByPlatform(tables.Spec{
	Name: "groups", Doc: "Groups of the machine.",
	Category: tables.Identity, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT gid, groupname FROM groups WHERE groupname IN ('sudo', 'wheel', 'docker')"},
}, tables.Generators[group]{Linux: generateGroups, Darwin: generateGroups, Windows: generateGroups})
