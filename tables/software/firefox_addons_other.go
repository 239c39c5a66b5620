//go:build windows

package software

import "github.com/tenantra/tenantra/tables"

var generateFirefoxAddons tables.Generator[firefoxAddon]
