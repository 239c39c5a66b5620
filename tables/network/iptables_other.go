//go:build !linux

package network

import "github.com/tenantra/tenantra/tables"

var generateIptables tables.Generator[iptablesRule]
