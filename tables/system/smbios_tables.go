package system

import (
	"context"
	"crypto/md5" // #nosec G501 -- osquery's column, a fingerprint and no protection
	"encoding/hex"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// smbiosTable is one entry in the firmware's tables.
type smbiosTable struct {
	Number      int32  `col:"number" doc:"Place in the tables, from 0."`
	Type        int32  `col:"type" doc:"Kind of entry by its number."`
	Description string `col:"description" doc:"Kind of entry by its name."`
	Handle      int64  `col:"handle" type:"INTEGER" doc:"Number by which other entries refer to it."`
	HeaderSize  int32  `col:"header_size" doc:"Bytes of its formatted part."`
	Size        int32  `col:"size" doc:"Bytes of the whole entry."`
	MD5         string `col:"md5" collate:"NOCASE" doc:"MD5 digest of the entry."`
}

// SMBIOSTables has one row for each entry.
// Source: /sys/firmware/dmi/tables/DMI on Linux; DMTF DSP0134.
var SMBIOSTables = tables.Define[smbiosTable](tables.Spec{
	Name: "smbios_tables", Doc: "Entries in the tables that the firmware gives of the machine.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT number, description, md5 FROM smbios_tables WHERE type = 0"},
}, smbiosTablesGenerator())

func smbiosTablesGenerator() tables.Generator[smbiosTable] {
	if readFirmwareTables == nil {
		return nil
	}
	return func(_ context.Context, host tables.Host, _ *tables.Query, emit func(*smbiosTable) error) error {
		structures, err := firmwareStructures(host)
		if err != nil {
			return err
		}
		for i := range structures {
			row := smbiosRow(i, &structures[i])
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
}

func smbiosRow(number int, s *smbios.Structure) smbiosTable {
	digest := md5.Sum(s.Raw) // #nosec G401 -- as above
	description, known := smbiosDescriptions[s.Type]
	if !known {
		description = "Unknown"
	}
	return smbiosTable{
		Number: int32(number), Type: int32(s.Type), Description: description, Handle: int64(s.Handle),
		HeaderSize: int32(s.HeaderSize()), Size: int32(len(s.Raw)), MD5: hex.EncodeToString(digest[:]),
	}
}

var smbiosDescriptions = map[byte]string{
	0: "BIOS Information", 1: "System Information", 2: "Base Board or Module Information", 3: "System Enclosure or Chassis",
	4: "Processor Information", 5: "Memory Controller Information", 6: "Memory Module Information", 7: "Cache Information",
	8: "Port Connector Information", 9: "System Slots", 10: "On Board Devices Information", 11: "OEM Strings",
	12: "System Configuration Options", 13: "BIOS Language Information", 14: "Group Associations", 15: "System Event Log",
	16: "Physical Memory Array", 17: "Memory Device", 18: "32-bit Memory Error Information", 19: "Memory Array Mapped Address",
	20: "Memory Device Mapped Address", 21: "Built-in Pointing Device", 22: "Portable Battery", 23: "System Reset",
	24: "Hardware Security", 25: "System Power Controls", 26: "Voltage Probe", 27: "Cooling Device", 28: "Temperature Probe",
	29: "Electrical Current Probe", 30: "Out-of-Band Remote Access", 31: "Boot Integrity Services", 32: "System Boot Information",
	33: "64-bit Memory Error Information", 34: "Management Device", 35: "Management Device Component",
	36: "Management Device Threshold Data", 37: "Memory Channel", 38: "IPMI Device Information", 39: "System Power Supply",
	40: "Additional Information", 41: "Onboard Devices Extended Info", 126: "Inactive", 127: "End-of-Table",
	130: "Memory SPD Data", 131: "OEM Processor Type", 132: "OEM Processor Bus Speed",
}
