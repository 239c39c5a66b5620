//go:build !windows

package homes

import (
	"io/fs"
	"syscall"
)

func owner(info fs.FileInfo) uint32 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Uid
	}
	return noOne
}
