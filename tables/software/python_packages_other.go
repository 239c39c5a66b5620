//go:build windows

package software

import "github.com/tenantra/tenantra/tables"

var generatePythonPackages tables.Generator[pythonPackage]
