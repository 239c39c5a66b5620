package threat

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
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

// TestEventsThatNothingRecordsAreToldOf checks that an empty table of events is not taken for a quiet machine.
func TestEventsThatNothingRecordsAreToldOf(t *testing.T) {
	t.Parallel()
	for _, table := range Tables {
		if !table.Event || !table.Platforms.Has(tables.Linux) {
			continue
		}
		var log bytes.Buffer
		h, err := host.NewImage(t.TempDir(), tables.Linux, slog.New(slog.NewTextHandler(&log, nil)), nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := tabletest.Rows(t.Context(), table, h, tabletest.Query(table, nil, nil))
		if err != nil || rows != nil || !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), table.Name) {
			t.Errorf("table %s: %d rows, error %v, log %s", table.Name, len(rows), err, log.String())
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
