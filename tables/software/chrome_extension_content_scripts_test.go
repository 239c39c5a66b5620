package software

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestChromeExtensionContentScripts(t *testing.T) { tabletest.Run(t, ChromeExtensionContentScripts) }

func FuzzChromeContentScripts(f *testing.F) {
	f.Add([]byte(`{"content_scripts": [{"matches": ["<all_urls>"], "js": ["a.js", 5]}, null, 7, {"js": {}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		extension := chromeExtension{ManifestJSON: string(data), ReferencedIdentifier: "id"}
		err := eachContentScript(&extension, func(row *chromeContentScript) error {
			if row.Identifier != "id" {
				t.Errorf("%+v", row)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
