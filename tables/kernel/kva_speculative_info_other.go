//go:build !windows

package kernel

import "github.com/tenantra/tenantra/tables"

var generateKVASpeculativeInfo tables.Generator[kvaSpeculativeInfo]
