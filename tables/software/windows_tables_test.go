package software

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestIEExtensions(t *testing.T)       { tabletest.Run(t, IEExtensions) }
func TestChocolateyPackages(t *testing.T) { tabletest.Run(t, ChocolateyPackages) }
func TestPatches(t *testing.T)            { tabletest.Run(t, Patches) }
func TestPrograms(t *testing.T)           { tabletest.Run(t, Programs) }

func TestPackedGUID(t *testing.T) {
	t.Parallel()
	const guid = "{01234567-89AB-CDEF-0123-456789ABCDEF}"
	packed := packedGUID(guid)
	if packed != "76543210BA98FEDC1032547698BADCFE" || unpackGUID(packed) != guid {
		t.Errorf("%s is %s and back %s", guid, packed, unpackGUID(packed))
	}
	for _, bad := range []string{"", "Git_is1", guid[:37]} {
		if got := packedGUID(bad); got != "" {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

func FuzzParseNuspec(f *testing.F) {
	f.Add([]byte("<package><metadata><id>a</id></metadata></package>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if row, err := parseNuspec(data); err == nil && row.Name == "" {
			t.Error("a package without a name")
		}
	})
}

func TestWindowsOptionalFeatures(t *testing.T) { tabletest.Run(t, WindowsOptionalFeatures) }
