//go:build linux || darwin

package files

import (
	"context"
	"io/fs"
	"path"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

func generateWorldWritable(ctx context.Context, host tables.Host, q *tables.Query, emit func(*worldWritable) error) error {
	roots := q.Equal("directory")
	named := roots != nil
	if !named {
		roots = worldWritableRoots[:]
	}
	for _, root := range roots {
		if !path.IsAbs(root) {
			continue
		}
		// A default one that is a link is searched where it leads to.
		if info, err := host.Lstat(root); err != nil || !named && !info.IsDir() {
			continue
		}
		err := visitWorldWritable(ctx, host, root, worldWritableDepth, func(row *worldWritable) error {
			row.Directory = root
			return emit(row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// visitWorldWritable walks a directory. A link in it is an entry of its own, which anyone may write to by its mode, and is left out.
func visitWorldWritable(ctx context.Context, host tables.Host, root string, depth int, emit func(*worldWritable) error) error {
	for _, entry := range candidates(ctx, host, root, unix.S_IWOTH, true) {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := path.Join(root, entry.Name())
		if entry.matches {
			info, err := entry.Info()
			if err != nil {
				continue // gone since it was listed
			}
			row := worldWritable{Path: file, Type: worldWritableType(info.Mode()), Mode: modeText(modeBits(info.Mode()))}
			if info.IsDir() && info.Mode()&fs.ModeSticky != 0 {
				row.Sticky = 1
			}
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				row.UID, row.GID = int64(st.Uid), int64(st.Gid)
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		if entry.IsDir() && depth > 0 && !inKernelTree(file) {
			if err := visitWorldWritable(ctx, host, file, depth-1, emit); err != nil {
				return err
			}
		}
	}
	return nil
}
