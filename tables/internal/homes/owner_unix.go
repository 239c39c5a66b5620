//go:build !windows

package homes

import (
	"io/fs"
	"os"
	"syscall"
)

func owner(info fs.FileInfo) uint32 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Uid
	}
	return noOne
}

func currentUser() uint32 { return uint32(os.Getuid()) }
