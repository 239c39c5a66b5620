//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateProcessNamespaces tables.Generator[processNamespaces]
