//go:build !linux

package services

import "github.com/tenantra/tenantra/tables"

var generateSystemdUnits tables.Generator[systemdUnit]
