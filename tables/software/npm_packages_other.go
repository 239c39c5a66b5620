//go:build windows

package software

import "github.com/tenantra/tenantra/tables"

var generateNPMPackages tables.Generator[npmPackage]
