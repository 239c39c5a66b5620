//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateDiskEncryption tables.Generator[diskEncryption]
