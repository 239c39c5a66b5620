//go:build !linux

package network

import "github.com/tenantra/tenantra/tables"

var generateEtcHosts tables.Generator[etcHost]
