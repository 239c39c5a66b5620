//go:build windows

package identity

import "github.com/tenantra/tenantra/tables"

var generateSSHConfigs tables.Generator[sshOption]
