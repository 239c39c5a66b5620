//go:build !linux

package network

import "github.com/tenantra/tenantra/tables"

var generateDNSResolvers tables.Generator[dnsResolver]
