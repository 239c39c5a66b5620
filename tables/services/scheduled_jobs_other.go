//go:build !linux

package services

import "github.com/tenantra/tenantra/tables"

var generateLinuxJobs tables.Generator[scheduledJob]
