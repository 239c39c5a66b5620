package software

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestApps(t *testing.T)                  { tabletest.Run(t, Apps) }
func TestAppSchemes(t *testing.T)            { tabletest.Run(t, AppSchemes) }
func TestBrowserPlugins(t *testing.T)        { tabletest.Run(t, BrowserPlugins) }
func TestHomebrewPackages(t *testing.T)      { tabletest.Run(t, HomebrewPackages) }
func TestPackageBOM(t *testing.T)            { tabletest.Run(t, PackageBOM) }
func TestPackageInstallHistory(t *testing.T) { tabletest.Run(t, PackageInstallHistory) }
func TestPackageReceipts(t *testing.T)       { tabletest.Run(t, PackageReceipts) }
func TestRunningApps(t *testing.T)           { tabletest.Run(t, RunningApps) }
func TestSafariExtensions(t *testing.T)      { tabletest.Run(t, SafariExtensions) }

func TestParseLastUsed(t *testing.T) {
	t.Parallel()
	got := parseLastUsed("2026-01-02 03:04:05 +0000\x00(null)\x00", 2)
	if diff := cmp.Diff([]float64{1767323045, -1}, got); diff != "" {
		t.Error(diff)
	}
	if got := parseLastUsed("(null)\x00", 2); got != nil {
		t.Errorf("times of other files: %v", got)
	}
}

func readSampleBOM(tb testing.TB) []byte {
	data, err := os.ReadFile("testdata/package_bom/darwin-15/root/private/var/db/receipts/a.bom")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestDamagedBOM cuts and damages a bill at each place: it ends in an error or in rows, never in a panic or a loop.
func TestDamagedBOM(t *testing.T) {
	t.Parallel()
	data := readSampleBOM(t)
	ignore := func(*bomFile) error { return nil }
	for i := range data {
		_ = readBOM(data[:i], ignore)
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x05
		_ = readBOM(damaged, ignore)
	}
	if err := readBOM(data[:600], ignore); err == nil {
		t.Error("half a bill was read")
	}
}

func FuzzReadBOM(f *testing.F) {
	f.Add(readSampleBOM(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows := 0
		err := readBOM(data, func(row *bomFile) error {
			rows++
			if len(row.Filepath) > bomPathMax {
				t.Errorf("a path of %d bytes", len(row.Filepath))
			}
			return nil
		})
		if err == nil && rows > len(data) {
			t.Errorf("%d rows of %d bytes", rows, len(data))
		}
	})
}

func FuzzParseRunningApps(f *testing.F) {
	f.Add("12) \"Safari\" ASN:0x0-0x2a02a: (in front)\n    bundleID=\"com.apple.Safari\"\n    pid = 512 type=\"Foreground\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, row := range parseRunningApps(text) {
			if row.PID < 0 {
				t.Errorf("%+v", row)
			}
		}
	})
}

func FuzzParseCask(f *testing.F) {
	f.Add([]byte(`{"auto_updates": true, "artifacts": [{"app": ["Name.app"]}]}`))
	f.Add([]byte("  app \"VLC.app\"\n  auto_updates true\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) (int64, string){parseCaskJSON, parseCaskRuby} {
			if updates, _ := parse(data); updates != 0 && updates != 1 {
				t.Errorf("auto_updates is %d", updates)
			}
		}
	})
}
