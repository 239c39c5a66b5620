//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateProcessOpenPipes tables.Generator[processOpenPipe]
