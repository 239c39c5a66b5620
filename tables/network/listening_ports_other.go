//go:build !linux && !windows

package network

import "github.com/tenantra/tenantra/tables"

var generateListeningPorts tables.Generator[listeningPort]
