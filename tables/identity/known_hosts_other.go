//go:build windows

package identity

import "github.com/tenantra/tenantra/tables"

var generateKnownHosts tables.Generator[knownHost]
