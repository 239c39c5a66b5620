package threat

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lnk"
)

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
var RecentFiles = tables.Define[recentFile](tables.Spec{
	Name: "recent_files", Doc: "Files that users opened lately.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true, UserData: true,
	Examples: []string{"SELECT u.username, r.path, datetime(r.mtime, 'unixepoch') FROM users u JOIN recent_files r USING (uid)"},
}, generateRecentFiles)

const recentDirectory = "AppData/Roaming/Microsoft/Windows/Recent"

func generateRecentFiles(ctx context.Context, host tables.Host, q *tables.Query, emit func(*recentFile) error) error {
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		for _, entry := range home.List(recentDirectory) {
			if err := ctx.Err(); err != nil {
				return err
			}
			name := path.Join(recentDirectory, entry.Name())
			info, err := entry.Info()
			if entry.IsDir() || err != nil || info.Size() > lnk.Max || !strings.HasSuffix(strings.ToLower(name), ".lnk") {
				continue
			}
			data, ok := home.Read(name)
			if !ok {
				continue
			}
			link, err := lnk.Parse(data)
			if err != nil {
				hostfile.Skipped(ctx, host, home.Path(name), err)
				continue
			}
			row := recentFile{
				UID: int64(home.User.UID), Path: link.Target, Filename: link.Target[strings.LastIndexByte(link.Target, '\\')+1:], Type: "file",
				Mtime: info.ModTime().Unix(), ShortcutPath: home.Path(name),
			}
			switch {
			case link.Target == "":
				row.Type = "other"
			case link.Folder:
				row.Type = "folder"
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}
