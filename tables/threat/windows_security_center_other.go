//go:build !windows

package threat

import "github.com/tenantra/tenantra/tables"

var generateWindowsSecurityCenter tables.Generator[windowsSecurityCenter]
