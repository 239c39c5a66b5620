//go:build !linux && !darwin

package files

import "github.com/tenantra/tenantra/tables"

var generateExtendedAttributes tables.Generator[extendedAttribute]
