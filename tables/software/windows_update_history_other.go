//go:build !windows

package software

import "github.com/tenantra/tenantra/tables"

var generateWindowsUpdateHistory tables.Generator[windowsUpdate]
