//go:build windows

package software

import "github.com/tenantra/tenantra/tables"

var generateVSCodeExtensions tables.Generator[vscodeExtension]
