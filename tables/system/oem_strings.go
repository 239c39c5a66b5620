package system

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// oemString is one text of the machine's maker.
type oemString struct {
	Handle string `col:"handle" doc:"Handle of the firmware's entry."`
	Number int32  `col:"number" doc:"Place within the entry, from 1."`
	Value  string `col:"value" doc:"The text."`
}

// OEMStrings has one row for each text.
// Source: SMBIOS entries of type 11; DMTF DSP0134.
var OEMStrings = tables.Define[oemString](tables.Spec{
	Name: "oem_strings", Doc: "Free texts of the machine's maker in the firmware's tables.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT number, value FROM oem_strings"},
}, fromFirmware(smbios.TypeOEMStrings, oemStringRows))

func oemStringRows(s *smbios.Structure, emit func(*oemString) error) error {
	count, _ := s.Byte(0x04)
	for i := 1; i <= int(count); i++ {
		value := s.TextNumber(i)
		if value == "" {
			continue // the count is larger than the texts
		}
		if err := emit(&oemString{Handle: handleText(s.Handle), Number: int32(i), Value: value}); err != nil {
			return err
		}
	}
	return nil
}
