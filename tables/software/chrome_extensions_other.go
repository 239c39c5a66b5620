//go:build windows

package software

import "github.com/tenantra/tenantra/tables"

var generateChromeExtensions tables.Generator[chromeExtension]
