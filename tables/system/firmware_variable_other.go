//go:build !windows

package system

import "github.com/tenantra/tenantra/tables"

// firmwareSetupMode is asked of a running Windows only, and there this file is not built.
func firmwareSetupMode() tables.Null[int64] { return tables.Null[int64]{} }
