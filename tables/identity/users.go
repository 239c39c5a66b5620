package identity

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// user is one account.
type user struct {
	UID           int64  `col:"uid" opt:"index" doc:"User id."`
	GID           int64  `col:"gid" doc:"Id of the primary group."`
	UIDSigned     int64  `col:"uid_signed" doc:"User id as a signed 32-bit number."`
	GIDSigned     int64  `col:"gid_signed" doc:"Id of the primary group as a signed 32-bit number."`
	Username      string `col:"username" opt:"additional" class:"personal" doc:"Login name."`
	Description   string `col:"description" class:"personal" doc:"Free text, the whole GECOS field on Unix."`
	Directory     string `col:"directory" class:"personal" doc:"Home directory."`
	Shell         string `col:"shell" doc:"Program started at login."`
	UUID          string `col:"uuid" opt:"index" collate:"NOCASE" doc:"UUID (macOS) or SID (Windows); empty on Linux."`
	Type          string `col:"type" os:"windows" doc:"Kind of account: roaming, local or special."`
	IsHidden      int32  `col:"is_hidden" os:"darwin" doc:"1 where the account is hidden from the login window."`
	IncludeRemote int32  `col:"include_remote" opt:"additional,hidden" os:"linux" doc:"Set to 1 to ask the name service (LDAP, SSSD) too, not only the local file."`
	container.Process
}

// Users has a row for each account of the machine.
// Source: passwd(5) and, where include_remote is 1 on a running system, getent(1), on Linux;
// the local directory's files, or dscl(1), on macOS; NetUserEnum on Windows, in an image the account database SAM, and the
// list of profiles.
var Users = tables.DefineByPlatform(tables.Spec{
	Name: "users", Doc: "Accounts of the machine.",
	Category: tables.Identity, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{
		"SELECT uid, username, shell FROM users WHERE uid = 0",
		"SELECT username, directory FROM users WHERE shell NOT LIKE '%nologin' AND shell NOT LIKE '%false'",
	},
}, tables.Generators[user]{Linux: generateUsers, Darwin: generateUsers, Windows: generateUsers})
