//go:build !windows

package threat

import "github.com/tenantra/tenantra/tables"

var generateWindowsEventlog tables.Generator[windowsEventlogEntry]
