package files

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// suidBinary is a program that runs with the rights of its owner or group.
type suidBinary struct {
	Path        string `col:"path" doc:"Absolute path of the program."`
	Username    string `col:"username" class:"personal" doc:"Name of its owner; the number where the owner has no name."`
	Groupname   string `col:"groupname" doc:"Name of its group; the number where the group has no name."`
	Permissions string `col:"permissions" doc:"S for set-uid, G for set-gid, SG for both."`
	container.Process
}

// suidDirectories are searched with all below them. Where /bin is a link to /usr/bin a program is listed by both paths.
var suidDirectories = [...]string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/tmp"}

// SUIDBin has a row for each set-uid or set-gid file in the usual directories of programs and in /tmp.
var SUIDBin = tables.Define[suidBinary](tables.Spec{
	Name: "suid_bin", Doc: "Programs that run with the rights of their owner or group.",
	Category: tables.Files, Platforms: tables.Linux | tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT path, username, permissions FROM suid_bin WHERE path LIKE '/tmp/%' OR username != 'root'"},
}, generateSUIDBin)
