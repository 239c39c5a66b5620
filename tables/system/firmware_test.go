package system

import (
	"os"
	"testing"

	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// FuzzFirmware makes rows of whatever the firmware claims.
func FuzzFirmware(f *testing.F) {
	for _, name := range []string{"linux-server", "linux-hostile"} {
		data, err := os.ReadFile("testdata/smbios_tables/" + name + "/root/sys/firmware/dmi/tables/DMI")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		structures := smbios.Parse(data)
		processorRows(structures)
		for i := range structures {
			s := &structures[i]
			smbiosRow(i, s)
			platformRow(s)
			memoryArrayRow(s)
			memoryArrayAddressRow(s)
			memoryDeviceRow(s)
			memoryDeviceAddressRow(s)
			memoryErrorRow(s)
			if err := oemStringRows(s, func(row *oemString) error {
				if row.Value == "" {
					t.Errorf("entry %d has an empty text", i)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		}
		parseProcessors(string(data))
	})
}
