//go:build !linux

package services

import "github.com/tenantra/tenantra/tables"

var generateStartupItems tables.Generator[startupItem]
