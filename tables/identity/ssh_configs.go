package identity

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// sshOption is one setting of the SSH client.
type sshOption struct {
	UID    int64  `col:"uid" opt:"additional" doc:"User whose setting it is; 0 for the system's."`
	Block  string `col:"block" doc:"Host or Match line that it stands under, in lower case; empty before the first."`
	Option string `col:"option" doc:"Name and value as written, in lower case."`
	File   string `col:"ssh_config_file" doc:"File that holds the setting."`
}

// SSHConfigs has a row for each setting of the SSH client, of users and of the system.
// Source: .ssh/config in homes and /etc/ssh/ssh_config; ssh_config(5).
var SSHConfigs = tables.DefineByPlatform(tables.Spec{
	Name: "ssh_configs", Doc: "Settings of the SSH client, by user.",
	Category: tables.Identity, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT uid, block, option, ssh_config_file FROM ssh_configs WHERE option LIKE 'stricthostkeychecking%'"},
}, tables.Generators[sshOption]{Linux: generateSSHConfigs, Darwin: generateSSHConfigs, Windows: generateSSHConfigs})

func parseSSHConfig(data []byte) []sshOption {
	var options []sshOption
	block := ""
	for line := range strings.Lines(string(data)) {
		line = strings.ToLower(strings.TrimSpace(line))
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "host ") || strings.HasPrefix(line, "match "):
			block = line
		default:
			options = append(options, sshOption{Block: block, Option: line})
		}
	}
	return options
}
