//go:build windows

package software

import "github.com/tenantra/tenantra/tables"

var generateChromeExtensionContentScripts tables.Generator[chromeContentScript]
