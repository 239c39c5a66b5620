//go:build !linux

package containers

import "github.com/tenantra/tenantra/tables"

var generateContainers tables.Generator[runningContainer]
