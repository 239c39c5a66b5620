//go:build !linux && !windows

package network

import "github.com/tenantra/tenantra/tables"

var generateARPCache tables.Generator[arpEntry]
