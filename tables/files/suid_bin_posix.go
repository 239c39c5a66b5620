//go:build linux || darwin

package files

import (
	"context"
	"io/fs"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
)

func generateSUIDBin(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*suidBinary) error) error {
	names, err := accounts.ReadNames(ctx, host)
	if err != nil {
		return err
	}
	var walk func(dir string) error
	walk = func(dir string) error {
		for _, entry := range candidates(ctx, host, dir, unix.S_ISUID|unix.S_ISGID, false) {
			if err := ctx.Err(); err != nil {
				return err
			}
			path := join(dir, entry.Name())
			if entry.IsDir() {
				if err := walk(path); err != nil {
					return err
				}
				continue
			}
			if !entry.Type().IsRegular() {
				continue
			}
			info, err := entry.Info()
			if err != nil {
				continue // gone since it was listed
			}
			if info.Mode()&(fs.ModeSetuid|fs.ModeSetgid) == 0 {
				continue
			}
			row := suidBinary{Path: path}
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				row.Username, row.Groupname = nameOf(names.Users, st.Uid), nameOf(names.Groups, st.Gid)
			}
			if info.Mode()&fs.ModeSetuid != 0 {
				row.Permissions = "S"
			}
			if info.Mode()&fs.ModeSetgid != 0 {
				row.Permissions += "G"
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
	for _, dir := range suidDirectories {
		if err := walk(dir); err != nil {
			return err
		}
	}
	return nil
}

func nameOf(names map[uint32]string, id uint32) string {
	if name, ok := names[id]; ok {
		return name
	}
	return strconv.FormatUint(uint64(id), 10)
}
