//go:build !linux

package identity

import "github.com/tenantra/tenantra/tables"

var generateCertificates tables.Generator[certificateRow]
