//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateOSVersion tables.Generator[osVersion]
