//go:build unix

package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// openBlockDevice opens a block device for reading. The device is looked at before, because opening a tape or a watchdog
// already does something, and after, because the name may lead elsewhere by then.
func openBlockDevice(path string) (*os.File, error) {
	isBlock := func(info fs.FileInfo) error {
		if info.Mode()&(fs.ModeDevice|fs.ModeCharDevice) != fs.ModeDevice {
			return fmt.Errorf("open %s: neither a block device nor a regular file", path)
		}
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := isBlock(info); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = isBlock(info)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
