//go:build !linux

package network

import "github.com/tenantra/tenantra/tables"

var generatePorts tables.Generator[portRow]
