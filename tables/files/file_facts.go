package files

import (
	"context"
	"io/fs"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lnk"
	"github.com/tenantra/tenantra/tables/internal/pefile"
)

func generateWindowsFile(ctx context.Context, host tables.Host, q *tables.Query, emit func(*file) error) error {
	host = slashed(host)
	wantVersion := q.WantsAny("file_version", "product_version", "original_filename")
	wantShortcut := q.WantsAny("shortcut_target_path", "shortcut_target_type", "shortcut_target_location", "shortcut_start_in", "shortcut_run", "shortcut_comment")
	wantOwner := q.WantsAny("uid", "gid")
	return selectPaths(ctx, host, q, func(f *found) error {
		row := file{Path: f.shown(), Directory: f.shownDirectory(), Filename: f.filename}
		info, err := host.Lstat(f.path)
		if err != nil {
			if !hostfile.Absent(err) {
				hostfile.Skipped(ctx, host, f.path, err)
			}
			return nil
		}
		row.describe(host, f.path, info)
		if real, err := host.RealPath(f.path); err == nil {
			row.askSystem(real, wantOwner && host.Live())
		}
		if wantVersion && info.Mode().IsRegular() {
			row.readVersion(host, f.path)
		}
		if wantShortcut && strings.HasSuffix(strings.ToLower(f.path), ".lnk") {
			row.readShortcut(host, f.path, info.Size())
		}
		return emit(&row)
	})
}

// describe fills in what every system tells of a file.
func (row *file) describe(host tables.Host, path string, info fs.FileInfo) {
	row.Type = windowsType(info.Mode())
	if info.Mode()&fs.ModeSymlink != 0 {
		row.Symlink, row.Type = 1, "unknown"
		if target, err := host.Readlink(path); err == nil {
			row.SymlinkTargetPath = target
		}
		if target, err := host.Stat(path); err == nil {
			info, row.Type = target, windowsType(target.Mode())
		}
	}
	row.Size, row.Mtime, row.Mode, row.HardLinks = info.Size(), info.ModTime().Unix(), modeText(uint32(info.Mode().Perm())), 1
}

func windowsType(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "regular"
	case mode.IsDir():
		return "directory"
	default:
		return "unknown"
	}
}

// readVersion fills in the version resource of a program file.
func (row *file) readVersion(host tables.Host, path string) {
	f, err := host.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	program, err := pefile.Open(f)
	if err != nil {
		return
	}
	if version, ok := program.Version(); ok {
		row.FileVersion, row.ProductVersion, row.OriginalFilename = version.File, version.Product, version.Texts["OriginalFilename"]
	}
}

// readShortcut fills in where a shortcut leads.
func (row *file) readShortcut(host tables.Host, path string, size int64) {
	if size > lnk.Max {
		return
	}
	data, err := host.ReadFile(path)
	if err != nil {
		return
	}
	link, err := lnk.Parse(data)
	if err != nil {
		return
	}
	row.ShortcutTargetPath, row.ShortcutStartIn, row.ShortcutComment = link.Target, link.WorkingDir, link.Comment
	row.ShortcutTargetType = "File"
	if link.Folder {
		row.ShortcutTargetType = "File folder"
	}
	if i := strings.LastIndexByte(link.Target, '\\'); i >= 0 {
		location := link.Target[:i]
		row.ShortcutTargetLocation = location[strings.LastIndexByte(location, '\\')+1:]
	}
	row.ShortcutRun = map[uint32]string{1: "Normal window", 3: "Maximized", 7: "Minimized"}[link.Show]
}

// attributeLetters are the letters of file attributes by winnt.h, in the order in which they are shown.
var attributeLetters = [...]struct {
	bit    uint32
	letter byte
}{
	{0x20, 'A'}, {0x800, 'C'}, {0x4000, 'E'}, {0x400, 'L'}, {0x2, 'H'}, {0x8000, 'V'}, {0x80, 'N'}, {0x2000, 'I'}, {0x20000, 'X'},
	{0x1000, 'O'}, {0x1, 'R'}, {0x4, 'S'}, {0x100, 'T'},
}

func attributeText(attributes uint32) string {
	var text []byte
	for _, a := range attributeLetters {
		if attributes&a.bit != 0 {
			text = append(text, a.letter)
		}
	}
	return string(text)
}
