//go:build !linux

package kernel

import "github.com/tenantra/tenantra/tables"

var generateSystemControls tables.Generator[systemControl]
