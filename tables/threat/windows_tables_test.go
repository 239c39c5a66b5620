package threat

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAppcompatShims(t *testing.T)                { tabletest.Run(t, AppcompatShims) }
func TestBackgroundActivitiesModerator(t *testing.T) { tabletest.Run(t, BackgroundActivitiesModerator) }
func TestOfficeMRU(t *testing.T)                     { tabletest.Run(t, OfficeMRU) }
func TestShimcache(t *testing.T)                     { tabletest.Run(t, Shimcache) }
func TestUserassist(t *testing.T)                    { tabletest.Run(t, Userassist) }

func FuzzParseShimcache(f *testing.F) {
	f.Add([]byte("\x34\x00\x00\x00"))
	f.Add([]byte("\x80\x00\x00\x00"))
	f.Add([]byte("\xee\x0f\xdc\xba\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if rows := parseShimcache(data); len(rows) > len(data) {
			t.Errorf("%d entries in %d bytes", len(rows), len(data))
		}
	})
}

func FuzzParseUserAssist(f *testing.F) {
	f.Add("HRZR_PGYFRFFVBA", make([]byte, 72))
	f.Fuzz(func(_ *testing.T, name string, data []byte) { parseUserAssist(name, data) })
}

func FuzzParseOfficeItem(f *testing.F) {
	f.Add(`[F00000000][T01D8A1B2C3D4E5F6][O00000000]*C:\path`)
	f.Fuzz(func(_ *testing.T, text string) { parseOfficeItem(text) })
}

func TestWindowsSecurityProducts(t *testing.T) { tabletest.Run(t, WindowsSecurityProducts) }
