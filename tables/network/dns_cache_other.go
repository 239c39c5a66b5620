//go:build !windows

package network

import "github.com/tenantra/tenantra/tables"

var generateDNSCache tables.Generator[dnsCacheEntry]
