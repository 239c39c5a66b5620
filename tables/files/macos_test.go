package files

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestPropertyList(t *testing.T)   { tabletest.Run(t, PropertyList) }
func TestMDFind(t *testing.T)         { tabletest.Run(t, MDFind) }
func TestMDLS(t *testing.T)           { tabletest.Run(t, MDLS) }
func TestQuicklookCache(t *testing.T) { tabletest.Run(t, QuicklookCache) }
func TestCodeSignature(t *testing.T)  { tabletest.Run(t, CodeSignature) }

func FuzzParseDF(f *testing.F) {
	f.Add("/dev/disk3s1s1 482797652 10000000 200000000 5% 404000 2000000000 0% /\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name, row := range parseDF(text) {
			if name[0] != '/' || row.BlocksFree.V < 0 {
				t.Errorf("%s: %+v", name, row)
			}
		}
	})
}
