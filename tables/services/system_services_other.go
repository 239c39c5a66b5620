//go:build !linux

package services

import "github.com/tenantra/tenantra/tables"

var generateLinuxServices tables.Generator[systemService]
