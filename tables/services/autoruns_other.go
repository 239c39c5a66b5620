//go:build !linux

package services

import "github.com/tenantra/tenantra/tables"

var generateLinuxAutoruns tables.Generator[autorun]
