package system

import (
	"crypto/md5" // #nosec G501 -- osquery's column, a fingerprint and no protection
	"encoding/hex"

	"github.com/tenantra/tenantra/tables"
)

// acpiTable is one of the tables by which the firmware describes the board to the kernel.
type acpiTable struct {
	Name string              `col:"name" doc:"Signature of the table, with a number where there are several."`
	Size tables.Null[int64]  `col:"size" type:"INTEGER" doc:"Bytes of the table."`
	MD5  tables.Null[string] `col:"md5" collate:"NOCASE" doc:"MD5 digest of the table; NULL without the privilege to read it."`
}

// ACPITables has one row for each table that the firmware handed over; those that were loaded later are left out.
// Source: /sys/firmware/acpi/tables on Linux; ioreg(8), class AppleACPIPlatformExpert, on macOS; ACPI specification 5.2.
var ACPITables = tables.DefineByPlatform(tables.Spec{
	Name: "acpi_tables", Doc: "Tables by which the firmware describes the board, with their digests.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT name, size, md5 FROM acpi_tables WHERE name IN ('DSDT', 'WPBT')"},
}, tables.Generators[acpiTable]{Darwin: generateDarwinACPITables}.OnBuild(generateACPITables))

// acpiRow describes a table by its content.
func acpiRow(name string, data []byte) acpiTable {
	digest := md5.Sum(data) // #nosec G401 -- as above
	return acpiTable{Name: name, Size: tables.Some(int64(len(data))), MD5: tables.Some(hex.EncodeToString(digest[:]))}
}
