package threat

import "github.com/tenantra/tenantra/tables"

// recentFile is one file that a user opened.
type recentFile struct {
	UID          int64  `col:"uid" opt:"index" doc:"User."`
	Filename     string `col:"filename" class:"content" doc:"Name of the file."`
	Path         string `col:"path" class:"content" doc:"Path of the file."`
	Type         string `col:"type" doc:"What the shortcut leads to: file, folder or other."`
	Mtime        int64  `col:"mtime" doc:"When the shortcut changed last, in Unix seconds."`
	ShortcutPath string `col:"shortcut_path" class:"content" doc:"Path of the shortcut."`
}

// RecentFiles has a row for each shortcut in a user's list of recent files.
// Source: the shortcuts below AppData\Roaming\Microsoft\Windows\Recent.
var RecentFiles = tables.DefineByPlatform(tables.Spec{
	Name: "recent_files", Doc: "Files that users opened lately.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, r.path, datetime(r.mtime, 'unixepoch') FROM users u JOIN recent_files r USING (uid)"},
}, tables.Generators[recentFile]{})
