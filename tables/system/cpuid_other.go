//go:build !amd64

package system

import "github.com/tenantra/tenantra/tables"

var generateCPUID tables.Generator[cpuFeature]
