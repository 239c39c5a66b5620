//go:build !linux

package network

import "github.com/tenantra/tenantra/tables"

var generateRoutes tables.Generator[route]
