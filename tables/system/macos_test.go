package system

import (
	"os"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestASL(t *testing.T)                     { tabletest.Run(t, ASL) }
func TestConnectedDisplays(t *testing.T)       { tabletest.Run(t, ConnectedDisplays) }
func TestBattery(t *testing.T)                 { tabletest.Run(t, Battery) }
func TestCrashes(t *testing.T)                 { tabletest.Run(t, Crashes) }
func TestCUPSDestinations(t *testing.T)        { tabletest.Run(t, CUPSDestinations) }
func TestCUPSJobs(t *testing.T)                { tabletest.Run(t, CUPSJobs) }
func TestDeviceFirmware(t *testing.T)          { tabletest.Run(t, DeviceFirmware) }
func TestIBridgeInfo(t *testing.T)             { tabletest.Run(t, IBridgeInfo) }
func TestIOKitDeviceTree(t *testing.T)         { tabletest.Run(t, IOKitDeviceTree) }
func TestIOKitRegistry(t *testing.T)           { tabletest.Run(t, IOKitRegistry) }
func TestLocationServices(t *testing.T)        { tabletest.Run(t, LocationServices) }
func TestSystemProfiler(t *testing.T)          { tabletest.Run(t, SystemProfiler) }
func TestTimeMachineBackups(t *testing.T)      { tabletest.Run(t, TimeMachineBackups) }
func TestTimeMachineDestinations(t *testing.T) { tabletest.Run(t, TimeMachineDestinations) }
func TestUnifiedLog(t *testing.T)              { tabletest.Run(t, UnifiedLog) }
func TestVirtualMemoryInfo(t *testing.T)       { tabletest.Run(t, VirtualMemoryInfo) }

func FuzzParseCrash(f *testing.F) {
	for _, name := range []string{"Users/anna/Library/Logs/DiagnosticReports/Example-2026-01-01-100000.ips", "Library/Logs/DiagnosticReports/old_2019-01-01-000000_mac.crash"} {
		data, err := os.ReadFile("testdata/crashes/darwin-15/root/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"a.ips", "a.crash"} {
			if row, ok := parseCrash(name, text); ok && row.PID == 0 && row.Path == "" && name == "a.ips" {
				t.Errorf("a crash of nothing: %+v", row)
			}
		}
	})
}

func FuzzParsePrintJob(f *testing.F) {
	data, err := os.ReadFile("testdata/cups_jobs/darwin-15/root/var/spool/cups/c00001")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if row, err := parsePrintJob(data); err == nil && len(row.Title) > len(data) {
			t.Errorf("%+v", row)
		}
	})
}

func FuzzParseASL(f *testing.F) {
	f.Add(`[ASLMessageID 5] [Time 1767323045] [Level 3] [Message a \[b\] c]`)
	f.Fuzz(func(t *testing.T, line string) {
		if row, ok := parseASL(line); ok && len(row.Message) > len(line) {
			t.Errorf("%+v", row)
		}
	})
}

func FuzzParseLogEntry(f *testing.F) {
	f.Add(`{"timestamp":"2026-01-01 12:00:00.123456+0100","eventMessage":"x","processImagePath":"/usr/bin/sudo","processID":300}`)
	f.Fuzz(func(t *testing.T, line string) {
		if row, ok := parseLogEntry(line); ok && row.TimestampDouble == "" {
			t.Errorf("%+v", row)
		}
	})
}

func FuzzParsePrinters(f *testing.F) {
	f.Add("<DefaultPrinter Office>\nDeviceURI ipp://a:b@c/\n</DefaultPrinter>\n")
	f.Fuzz(func(t *testing.T, text string) {
		err := parsePrinters(text, func(row *printerOption) error {
			if row.OptionName == "" {
				t.Errorf("%+v", row)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func FuzzParsePS(f *testing.F) {
	f.Add("    1     0     1     0     0     0     0     0     0  0  21536 408654320 Ss     0:10.50   1:02.75 Wed Dec 31 16:53:25 2025     launchd\n")
	f.Fuzz(func(t *testing.T, line string) {
		if p, ok := parsePS(line); ok && (p.Name.V == "" || p.SystemTime.V < 0) {
			t.Errorf("%+v", p)
		}
	})
}
