package files

import (
	"context"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// generateDarwinFile shows files of macOS by what any system tells of a file, and what that of the build tells besides.
func generateDarwinFile(ctx context.Context, host tables.Host, q *tables.Query, emit func(*file) error) error {
	wantFacts := q.WantsAny(factColumns...) || q.Wants("bsd_flags")
	return selectPaths(ctx, host, q, func(f *found) error {
		row := file{Path: f.path, Directory: f.directory, Filename: f.filename}
		if wantFacts || !f.listed {
			if err := row.readFacts(host, join(f.parent, f.name)); err != nil {
				if !hostfile.Absent(err) {
					hostfile.Skipped(ctx, host, f.path, err)
				}
				return nil
			}
		}
		return emit(&row)
	})
}

// readFacts fills in the facts of a file, or of what a link leads to.
func (row *file) readFacts(host tables.Host, path string) error {
	info, err := host.Lstat(path)
	if err != nil {
		return err
	}
	row.Type = darwinTypeName(info.Mode())
	if info.Mode()&fs.ModeSymlink != 0 {
		row.Symlink = 1
		if row.SymlinkTargetPath, err = host.Readlink(path); err != nil {
			return err
		}
		if target, err := host.Stat(path); err == nil {
			info, row.Type = target, darwinTypeName(target.Mode())
		}
	}
	row.Size, row.Mtime, row.Mode = info.Size(), info.ModTime().Unix(), modeText(permissionBits(info.Mode()))
	row.addStat(info)
	return nil
}

// permissionBits gives the twelve bits of chmod(2).
func permissionBits(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm())
	for _, special := range []struct {
		mode fs.FileMode
		bit  uint32
	}{{fs.ModeSetuid, 0o4000}, {fs.ModeSetgid, 0o2000}, {fs.ModeSticky, 0o1000}} {
		if mode&special.mode != 0 {
			bits |= special.bit
		}
	}
	return bits
}

func darwinTypeName(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "regular"
	case mode.IsDir():
		return "directory"
	case mode&fs.ModeCharDevice != 0:
		return "character"
	case mode&fs.ModeDevice != 0:
		return "block"
	case mode&fs.ModeNamedPipe != 0:
		return "fifo"
	case mode&fs.ModeSocket != 0:
		return "socket"
	default:
		return "unknown"
	}
}
