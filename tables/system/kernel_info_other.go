//go:build !linux

package system

import "github.com/tenantra/tenantra/tables"

var generateKernelInfo tables.Generator[kernelInfo]
