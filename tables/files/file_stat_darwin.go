package files

import (
	"io/fs"
	"strings"
	"syscall"
)

// bsdFlags are the flags of chflags(2) by name.
var bsdFlags = [...]struct {
	bit  uint32
	name string
}{
	{0x1, "NODUMP"}, {0x2, "UF_IMMUTABLE"}, {0x4, "UF_APPEND"}, {0x8, "OPAQUE"}, {0x20, "COMPRESSED"}, {0x40, "TRACKED"}, {0x80, "DATAVAULT"},
	{0x8000, "HIDDEN"}, {0x10000, "ARCHIVED"}, {0x20000, "SF_IMMUTABLE"}, {0x40000, "SF_APPEND"}, {0x80000, "SF_RESTRICTED"}, {0x100000, "SF_NOUNLINK"},
}

// addStat fills in what stat(2) tells.
func (row *file) addStat(info fs.FileInfo) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	row.Inode, row.UID, row.GID, row.Device = int64(st.Ino), int64(st.Uid), int64(st.Gid), int64(st.Rdev)
	row.BlockSize, row.HardLinks = st.Blksize, int32(st.Nlink)
	row.Atime, row.Ctime, row.Btime = st.Atimespec.Sec, st.Ctimespec.Sec, st.Birthtimespec.Sec
	var names []string
	for _, flag := range bsdFlags {
		if st.Flags&flag.bit != 0 {
			names = append(names, flag.name)
		}
	}
	row.BSDFlags = strings.Join(names, ", ")
}
