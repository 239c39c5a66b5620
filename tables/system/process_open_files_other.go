//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateProcessOpenFiles tables.Generator[processOpenFile]
