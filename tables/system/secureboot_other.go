//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateSecureBoot tables.Generator[secureBoot]
