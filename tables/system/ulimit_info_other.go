//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateUlimitInfo tables.Generator[ulimit]
