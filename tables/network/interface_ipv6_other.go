//go:build !linux

package network

import "github.com/tenantra/tenantra/tables"

var generateInterfaceIPv6 tables.Generator[interfaceIPv6]
