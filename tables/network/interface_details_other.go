//go:build !linux && !windows

package network

import "github.com/tenantra/tenantra/tables"

var generateInterfaceDetails tables.Generator[interfaceDetail]
