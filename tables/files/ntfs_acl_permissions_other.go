//go:build !windows

package files

import "github.com/tenantra/tenantra/tables"

var generateNTFSACLPermissions tables.Generator[ntfsPermission]
