//go:build !linux && !darwin

package system

import "github.com/tenantra/tenantra/tables"

var generateProcessEnvs tables.Generator[processEnv]
