//go:build !linux

package software

import "github.com/tenantra/tenantra/tables"

var generateContainerPackages tables.Generator[containerPackage]
