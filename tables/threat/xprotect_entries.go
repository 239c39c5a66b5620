package threat

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// xprotectEntry is one file that XProtect looks for.
type xprotectEntry struct {
	Name        string `col:"name" doc:"Name of the malware."`
	LaunchType  string `col:"launch_type" doc:"Type of what is opened."`
	Identity    string `col:"identity" doc:"SHA-1 digest of the file, in base64."`
	Filename    string `col:"filename" doc:"Name of the file."`
	Filetype    string `col:"filetype" doc:"Type of the file."`
	Optional    int64  `col:"optional" type:"INTEGER" doc:"1 where one of several files suffices."`
	UsesPattern int64  `col:"uses_pattern" type:"INTEGER" doc:"1 where it is matched by a pattern and not by a digest."`
}

// XProtectEntries has a row for each file of each signature.
// Source: XProtect.plist.
var XProtectEntries = tables.Define[xprotectEntry](tables.Spec{
	Name: "xprotect_entries", Doc: "Signatures of macOS's scanner for known malware.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT name, filename FROM xprotect_entries"},
}, generateXProtectEntries)

// xprotectDirectories hold the lists, of newer and older systems.
var xprotectDirectories = [...]string{
	"/Library/Apple/System/Library/CoreServices/XProtect.bundle/Contents/Resources/",
	"/System/Library/CoreServices/XProtect.bundle/Contents/Resources/",
	"/System/Library/CoreServices/CoreTypes.bundle/Contents/Resources/",
}

func generateXProtectEntries(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*xprotectEntry) error) error {
	list, ok := readXProtect(ctx, host, "XProtect.plist")
	if !ok {
		return ctx.Err()
	}
	for _, entry := range plist.Dicts(list) {
		row := xprotectEntry{Name: entry.Text("Description"), LaunchType: entry.Dict("LaunchServices").Text("LSItemContentType")}
		if err := xprotectMatches(entry, row, emit); err != nil {
			return err
		}
	}
	return nil
}

// readXProtect reads the first list of a name that there is.
func readXProtect(ctx context.Context, host tables.Host, name string) (any, bool) {
	for _, dir := range xprotectDirectories {
		if list, ok := plist.ReadAny(ctx, host, dir+name); ok {
			return list, true
		}
	}
	return nil, false
}

// xprotectMatches emits the files of a signature, also those of groups within.
func xprotectMatches(entry plist.Dict, row xprotectEntry, emit func(*xprotectEntry) error) error {
	row.Optional = flag(entry.Text("MatchType") == "MatchAny")
	for _, match := range entry.Dicts("Matches") {
		if match.Has("Matches") {
			if err := xprotectMatches(match, row, emit); err != nil {
				return err
			}
			continue
		}
		file := match.Dict("MatchFile")
		if file == nil {
			continue
		}
		row.Identity, row.Filename, row.UsesPattern = match.Text("Identity"), file.Text("NSURLNameKey"), flag(match.Has("Pattern"))
		if row.Filetype = file.Text("LSDownloadContentTypeKey"); row.Filetype == "" {
			row.Filetype = file.Text("NSURLTypeIdentifierKey")
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
