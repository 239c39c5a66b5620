package software

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// chromeExtension is one extension of a browser of the Chromium family.
type chromeExtension struct {
	BrowserType             string `col:"browser_type" doc:"Browser: chrome, chromium, edge, brave, opera, vivaldi, yandex, with _beta, _dev and the like."`
	UID                     int64  `col:"uid" opt:"index" doc:"User whose profile it is in."`
	Name                    string `col:"name" doc:"Name of the extension."`
	Profile                 string `col:"profile" class:"personal" doc:"Name of the profile as people see it."`
	ProfilePath             string `col:"profile_path" doc:"Directory of the profile."`
	ReferencedIdentifier    string `col:"referenced_identifier" doc:"Id by which the profile's settings name it."`
	Identifier              string `col:"identifier" doc:"Id computed from its public key; empty where the manifest holds none."`
	Version                 string `col:"version" collate:"VERSION" doc:"Version of the extension."`
	Description             string `col:"description" doc:"What it is, in its author's words."`
	DefaultLocale           string `col:"default_locale,locale" doc:"Language that its texts fall back to."`
	CurrentLocale           string `col:"current_locale" doc:"Language that its texts are shown in."`
	UpdateURL               string `col:"update_url" doc:"Address that updates come from."`
	Author                  string `col:"author" doc:"Author of the extension."`
	Persistent              int32  `col:"persistent" doc:"1 where its background page is always loaded."`
	Path                    string `col:"path" doc:"Directory of the extension."`
	Permissions             string `col:"permissions" doc:"Permissions that it has, joined by commas."`
	PermissionsJSON         string `col:"permissions_json" opt:"hidden" doc:"Permissions as the manifest holds them."`
	OptionalPermissions     string `col:"optional_permissions" doc:"Permissions that it may ask for, joined by commas."`
	OptionalPermissionsJSON string `col:"optional_permissions_json" opt:"hidden" doc:"Optional permissions as the manifest holds them."`
	ManifestHash            string `col:"manifest_hash" collate:"NOCASE" doc:"SHA-256 digest of the manifest."`
	Referenced              int64  `col:"referenced" doc:"1 where the profile's settings name it."`
	FromWebstore            string `col:"from_webstore" doc:"true where it came from the browser's store."`
	State                   string `col:"state" doc:"1 where it is enabled, 0 where it is not; empty where the profile does not tell."`
	InstallTime             string `col:"install_time" doc:"When it was installed, in microseconds since 1601."`
	InstallTimestamp        int64  `col:"install_timestamp" doc:"When it was installed, in Unix seconds; 0 where that is not known."`
	ManifestJSON            string `col:"manifest_json" opt:"hidden" doc:"The whole manifest."`
	Key                     string `col:"key" opt:"hidden" doc:"Public key of the extension in base64."`
}

// ChromeExtensions has a row for each extension of each profile: those on disk and those that settings name.
// Source: the profiles' Preferences and the extensions' manifest.json.
var ChromeExtensions = tables.DefineByPlatform(tables.Spec{
	Name: "chrome_extensions", Doc: "Extensions of Chrome, Chromium, Edge, Brave, Opera, Vivaldi and Yandex, by user.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{
		"SELECT u.username, e.browser_type, e.name, e.identifier, e.version FROM users u JOIN chrome_extensions e USING (uid)",
		"SELECT name, identifier, permissions FROM chrome_extensions WHERE from_webstore != 'true' AND state = '1'",
	},
}, tables.Generators[chromeExtension]{Linux: generateChromeExtensions, Darwin: generateChromeExtensions, Windows: generateChromeExtensions})

// chromeRoots are the browsers' directories below a home, on Linux, on macOS and on Windows.
var chromeRoots = [...]struct{ browser, path string }{
	{"chrome", ".config/google-chrome"},
	{"chrome_beta", ".config/google-chrome-beta"},
	{"chrome_dev", ".config/google-chrome-unstable"},
	{"brave", ".config/BraveSoftware/Brave-Browser"},
	{"brave", ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser"},
	{"brave_beta", ".config/BraveSoftware/Brave-Browser-Beta"},
	{"brave_nightly", ".config/BraveSoftware/Brave-Browser-Nightly"},
	{"chromium", ".config/chromium"},
	{"chromium", "snap/chromium/common/chromium"},
	{"chromium", ".var/app/org.chromium.Chromium/config/chromium"},
	{"yandex", ".config/yandex-browser-beta"},
	{"edge", ".config/microsoft-edge"},
	{"edge_beta", ".config/microsoft-edge-beta"},
	{"edge_dev", ".config/microsoft-edge-dev"},
	{"opera", ".config/opera"},
	{"vivaldi", ".config/vivaldi"},
	{"vivaldi", ".var/app/com.vivaldi.Vivaldi/config/vivaldi"},
	{"chrome", "Library/Application Support/Google/Chrome"},
	{"chrome_beta", "Library/Application Support/Google/Chrome Beta"},
	{"chrome_dev", "Library/Application Support/Google/Chrome Dev"},
	{"chrome_canary", "Library/Application Support/Google/Chrome Canary"},
	{"brave", "Library/Application Support/BraveSoftware/Brave-Browser"},
	{"brave_beta", "Library/Application Support/BraveSoftware/Brave-Browser-Beta"},
	{"brave_nightly", "Library/Application Support/BraveSoftware/Brave-Browser-Nightly"},
	{"chromium", "Library/Application Support/Chromium"},
	{"yandex", "Library/Application Support/Yandex/YandexBrowser"},
	{"edge", "Library/Application Support/Microsoft Edge"},
	{"edge_beta", "Library/Application Support/Microsoft Edge Beta"},
	{"edge_dev", "Library/Application Support/Microsoft Edge Dev"},
	{"edge_canary", "Library/Application Support/Microsoft Edge Canary"},
	{"opera", "Library/Application Support/com.operasoftware.Opera"},
	{"vivaldi", "Library/Application Support/Vivaldi"},
	{"arc", "Library/Application Support/Arc/User Data"},
	{"dia", "Library/Application Support/Dia/User Data"},
	{"comet", "Library/Application Support/Comet"},
	{"chrome", "AppData/Local/Google/Chrome/User Data"},
	{"chrome_beta", "AppData/Local/Google/Chrome Beta/User Data"},
	{"chrome_dev", "AppData/Local/Google/Chrome Dev/User Data"},
	{"chrome_canary", "AppData/Local/Google/Chrome SxS/User Data"},
	{"brave", "AppData/Local/BraveSoftware/Brave-Browser/User Data"},
	{"brave_beta", "AppData/Local/BraveSoftware/Brave-Browser-Beta/User Data"},
	{"brave_nightly", "AppData/Local/BraveSoftware/Brave-Browser-Nightly/User Data"},
	{"chromium", "AppData/Local/Chromium/User Data"},
	{"yandex", "AppData/Local/Yandex/YandexBrowser/User Data"},
	{"edge", "AppData/Local/Microsoft/Edge/User Data"},
	{"edge_beta", "AppData/Local/Microsoft/Edge Beta/User Data"},
	{"edge_dev", "AppData/Local/Microsoft/Edge Dev/User Data"},
	{"edge_canary", "AppData/Local/Microsoft/Edge SxS/User Data"},
	{"opera", "AppData/Roaming/Opera Software/Opera Stable"},
	{"vivaldi", "AppData/Local/Vivaldi/User Data"},
	{"comet", "AppData/Local/Perplexity/Comet/User Data"},
}

// chromePreferences is what the table needs of a profile's settings.
type chromePreferences struct {
	Profile    struct{ Name jsonText }
	Extensions struct {
		Settings   map[string]chromeSetting
		OpSettings map[string]chromeSetting // of Opera
	}
}

// chromeSetting is what a profile says of one extension.
type chromeSetting struct {
	Path         jsonText
	State        jsonText
	FromWebstore jsonText `json:"from_webstore"`
	InstallTime  jsonText `json:"install_time"`
}

// chromeManifest is what the table needs of an extension's manifest.
type chromeManifest struct {
	Name, Version, Description, Author, Key jsonText
	UpdateURL                               jsonText `json:"update_url"`
	DefaultLocale                           jsonText `json:"default_locale"`
	CurrentLocale                           jsonText `json:"current_locale"`
	Background                              struct{ Persistent jsonText }
	Permissions                             json.RawMessage
	OptionalPermissions                     json.RawMessage `json:"optional_permissions"`
}

// chromeManifestMax bounds what a manifest or a file of texts may be; real ones are a hundredth of it.
const chromeManifestMax = 1 << 20

// parseChromeManifest makes the row of an extension, its texts not yet in a language.
func parseChromeManifest(data []byte) (row chromeExtension, ok bool) {
	var m chromeManifest
	if len(data) > chromeManifestMax || !decodeJSON(data, &m) || m.Name == "" {
		return row, false
	}
	digest := sha256.Sum256(data)
	row = chromeExtension{
		Name: string(m.Name), Version: string(m.Version), Description: string(m.Description), Author: string(m.Author), Key: string(m.Key),
		UpdateURL: string(m.UpdateURL), DefaultLocale: string(m.DefaultLocale), CurrentLocale: string(m.CurrentLocale),
		Identifier: chromeIdentifier(string(m.Key)), ManifestHash: hex.EncodeToString(digest[:]), ManifestJSON: compactJSON(data),
	}
	if m.Background.Persistent == "true" {
		row.Persistent = 1
	}
	row.Permissions, row.PermissionsJSON = chromePermissions(m.Permissions)
	row.OptionalPermissions, row.OptionalPermissionsJSON = chromePermissions(m.OptionalPermissions)
	return row, true
}

// chromePermissions joins the texts of a list; osquery shows "{}" for a list that is not there.
func chromePermissions(list json.RawMessage) (joined, whole string) {
	if len(list) == 0 {
		return "", "{}"
	}
	var texts []jsonText
	decodeJSON(list, &texts)
	var names []string
	for _, text := range texts {
		if text != "" {
			names = append(names, string(text))
		}
	}
	return strings.Join(names, ", "), compactJSON(list)
}

// chromeIdentifier is the first half of the public key's SHA-256 digest, its hexadecimal digits written a to p.
func chromeIdentifier(key string) string {
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(der) == 0 {
		return ""
	}
	digest := sha256.Sum256(der)
	id := []byte(hex.EncodeToString(digest[:16]))
	for i, c := range id {
		if c >= 'a' {
			id[i] = c - 'a' + 'k'
		} else {
			id[i] = c - '0' + 'a'
		}
	}
	return string(id)
}

// chromeTime turns microseconds since 1601 into Unix seconds; what is none, or before 1970, is 0.
func chromeTime(microseconds string) int64 {
	v, err := strconv.ParseInt(microseconds, 10, 64)
	if err != nil {
		return 0
	}
	return max(v/1e6-11644473600, 0)
}

// chromeMessages gives the texts of one language by name in lower case.
func chromeMessages(data []byte) map[string]string {
	var file map[string]struct{ Message jsonText }
	if len(data) > chromeManifestMax || !decodeJSON(data, &file) {
		return nil
	}
	texts := make(map[string]string, len(file))
	for name, entry := range file {
		texts[strings.ToLower(name)] = string(entry.Message)
	}
	return texts
}

// chromeMessageName gives the name in a placeholder __MSG_name__.
func chromeMessageName(text string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(text, "__MSG_")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(rest, "__")
	return strings.ToLower(name), ok
}
