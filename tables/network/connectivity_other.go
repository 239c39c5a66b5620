//go:build !windows

package network

import "github.com/tenantra/tenantra/tables"

var generateConnectivity tables.Generator[connectivity]
