//go:build !linux && !darwin

package system

import "github.com/tenantra/tenantra/tables"

var generateUlimitInfo tables.Generator[ulimit]
