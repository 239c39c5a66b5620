//go:build !linux

package network

import "github.com/tenantra/tenantra/tables"

var generateTLSListeners tables.Generator[tlsListener]
