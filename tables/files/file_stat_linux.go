package files

import (
	"io/fs"
	"syscall"
)

// addStat fills in what stat(2) tells of an image of macOS on Linux, which keeps no flags and no time of creation of it.
func (row *file) addStat(info fs.FileInfo) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	row.Inode, row.UID, row.GID, row.Device = int64(st.Ino), int64(st.Uid), int64(st.Gid), int64(st.Rdev)
	row.BlockSize, row.HardLinks = int32(st.Blksize), int32(st.Nlink)
	row.Atime, row.Ctime = int64(st.Atim.Sec), int64(st.Ctim.Sec)
}
