package threat

import (
	"testing"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestCarbonBlackInfo(t *testing.T) { tabletest.Run(t, CarbonBlackInfo) }

func TestParseCarbonBlackID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]tables.Null[int64]{
		"00000000000012ab": tables.Some(int64(0x12ab)), "": {}, "12ab": {}, "0000000000zzzzzz": {}, "00000000000012ab\n": {},
	} {
		if got := parseCarbonBlackID([]byte(text)); got != want {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}

func FuzzParseCarbonBlackSettings(f *testing.F) {
	f.Add([]byte("[CB]\nConfigName=Default%20Group\nCollectFileMods=1\n[OTHER]\nCollectFileMods=0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if row := parseCarbonBlackSettings(data); row.EventQueue != 0 || row.SensorID.Valid {
			t.Errorf("settings tell %+v", row)
		}
	})
}
