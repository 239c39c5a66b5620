//go:build !windows

package system

import "github.com/tenantra/tenantra/tables"

var generateProcessOpenHandles tables.Generator[processOpenHandle]
