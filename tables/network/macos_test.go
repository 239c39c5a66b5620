package network

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestALF(t *testing.T)                { tabletest.Run(t, ALF) }
func TestALFExceptions(t *testing.T)      { tabletest.Run(t, ALFExceptions) }
func TestALFExplicitAuths(t *testing.T)   { tabletest.Run(t, ALFExplicitAuths) }
func TestNFSShares(t *testing.T)          { tabletest.Run(t, NFSShares) }
func TestSharedFolders(t *testing.T)      { tabletest.Run(t, SharedFolders) }
func TestSharingPreferences(t *testing.T) { tabletest.Run(t, SharingPreferences) }
func TestWiFiNetworks(t *testing.T)       { tabletest.Run(t, WiFiNetworks) }
func TestWiFiStatus(t *testing.T)         { tabletest.Run(t, WiFiStatus) }
func TestWiFiSurvey(t *testing.T)         { tabletest.Run(t, WiFiSurvey) }

func FuzzParseExports(f *testing.F) {
	f.Add("/Users /Volumes/Data -ro -mapall=nobody 192.0.2.0\n/srv -alldirs \\\n client\n")
	f.Fuzz(func(t *testing.T, text string) {
		err := parseExports(text, func(row *nfsShare) error {
			if row.Share == "" || row.Share[0] != '/' {
				t.Errorf("%+v", row)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func FuzzParseChannel(f *testing.F) {
	f.Add("149 (5GHz, 80MHz)")
	f.Add("-52 dBm / -92 dBm")
	f.Fuzz(func(t *testing.T, text string) {
		if channel, band, width := parseChannel(text); channel < 0 || band < 0 || width < 0 {
			t.Errorf("%d, %d, %d", channel, band, width)
		}
		parseSignal(text)
	})
}

func FuzzParseNetstatRoutes(f *testing.F) {
	f.Add("Internet:\nDestination Gateway Flags Refs Use Mtu Netif Expire\ndefault 192.0.2.1 UGScg 90 0 1500 en0\n192.0.2 link#11 UCS 1 0 1500 en0 !\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, row := range parseNetstatRoutes(text) {
			if row.Destination == "" || row.Netmask < 0 || row.Netmask > 128 {
				t.Errorf("%+v", row)
			}
		}
		parseInterfaceCounters(text)
		parseDarwinARP(text)
	})
}
