package identity

import "github.com/tenantra/tenantra/tables"

// knownHost is one host key that a user has accepted.
type knownHost struct {
	UID     int64  `col:"uid" opt:"index" doc:"User that has accepted the key."`
	Key     string `col:"key" doc:"Line of the file: host names or their hashes, type and key."`
	KeyFile string `col:"key_file" doc:"File that lists the key."`
}

// KnownHosts has a row for each host key that users have accepted.
// Source: .ssh/known_hosts in homes; sshd(8).
var KnownHosts = tables.DefineByPlatform(tables.Spec{
	Name: "known_hosts", Doc: "Host keys that users have accepted over SSH.",
	Category: tables.Identity, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, h.key FROM users u JOIN known_hosts h USING (uid) WHERE h.key LIKE '% ssh-dss %'"},
}, tables.Generators[knownHost]{Linux: generateKnownHosts, Darwin: generateKnownHosts})
