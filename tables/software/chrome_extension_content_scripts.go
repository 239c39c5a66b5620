package software

import "github.com/tenantra/tenantra/tables"

// chromeContentScript is one script that an extension puts into the pages of some addresses.
type chromeContentScript struct {
	BrowserType string `col:"browser_type" doc:"Browser: chrome, chromium, edge, brave, opera, vivaldi, yandex, with _beta, _dev and the like."`
	UID         int64  `col:"uid" opt:"index" doc:"User whose profile the extension is in."`
	Identifier  string `col:"identifier" doc:"Id of the extension."`
	Version     string `col:"version" collate:"VERSION" doc:"Version of the extension."`
	Script      string `col:"script" doc:"File of the script, below the extension's directory."`
	Match       string `col:"match" doc:"Pattern of the addresses whose pages it is put into."`
	ProfilePath string `col:"profile_path" doc:"Directory of the profile."`
	Path        string `col:"path" doc:"Directory of the extension."`
	Referenced  int64  `col:"referenced" doc:"1 where the profile's settings name the extension."`
}

// ChromeExtensionContentScripts has a row for each script and pattern of each extension (see ChromeExtensions).
// Source: content_scripts in the extensions' manifest.json.
var ChromeExtensionContentScripts = tables.DefineByPlatform(tables.Spec{
	Name: "chrome_extension_content_scripts", Doc: "Scripts that browsers' extensions put into pages, by user.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT identifier, script FROM chrome_extension_content_scripts WHERE match = '<all_urls>'"},
}, tables.Generators[chromeContentScript]{Linux: generateChromeExtensionContentScripts, Darwin: generateChromeExtensionContentScripts, Windows: generateChromeExtensionContentScripts})

// chromeScript is an entry of a manifest's content_scripts.
type chromeScript struct{ Matches, JS []jsonText }

// parseChromeScripts reads content_scripts of a manifest.
func parseChromeScripts(manifest []byte) []chromeScript {
	var m struct {
		ContentScripts []chromeScript `json:"content_scripts"`
	}
	decodeJSON(manifest, &m)
	return m.ContentScripts
}

// eachContentScript emits the scripts of an extension; they are scripts times patterns, so none are kept.
func eachContentScript(extension *chromeExtension, emit func(*chromeContentScript) error) error {
	row := chromeContentScript{
		BrowserType: extension.BrowserType, UID: extension.UID, Identifier: extension.Identifier, Version: extension.Version,
		ProfilePath: extension.ProfilePath, Path: extension.Path, Referenced: extension.Referenced,
	}
	if row.Identifier == "" {
		row.Identifier = extension.ReferencedIdentifier
	}
	for _, entry := range parseChromeScripts([]byte(extension.ManifestJSON)) {
		for _, script := range entry.JS {
			for _, match := range entry.Matches {
				row.Script, row.Match = string(script), string(match)
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
