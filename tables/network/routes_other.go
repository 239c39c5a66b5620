//go:build !linux && !windows

package network

import "github.com/tenantra/tenantra/tables"

var generateRoutes tables.Generator[route]
