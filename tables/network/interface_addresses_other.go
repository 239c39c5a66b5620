//go:build !linux && !windows

package network

import "github.com/tenantra/tenantra/tables"

var generateInterfaceAddresses tables.Generator[interfaceAddress]
