package services

import (
	"testing"

	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestLaunchd(t *testing.T)          { tabletest.Run(t, Launchd) }
func TestLaunchdOverrides(t *testing.T) { tabletest.Run(t, LaunchdOverrides) }

func FuzzBackgroundItems(f *testing.F) {
	f.Add([]byte("<plist><dict><key>$objects</key><array><dict><key>type</key><integer>4</integer><key>disposition</key><integer>3</integer></dict></array></dict></plist>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		archive, err := plist.ParseDict(data)
		if err != nil {
			return
		}
		for _, item := range backgroundItems(archive) {
			if item.Type == "" || item.Status == "" {
				t.Errorf("%+v", item)
			}
		}
	})
}
