package host

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	securejoin "github.com/cyphar/filepath-securejoin"

	"github.com/tenantra/tenantra/tables"
)

// ofWindowsImage tells whether paths are those of Windows while the system that they name does not run: an image is the
// volume C:, its names compare without case, and either slash separates them.
func (h *Host) ofWindowsImage() bool { return h.root != "" && h.platform == tables.Windows }

// belowDrive turns C:\Windows\win.ini, in either slash, into Windows/win.ini. A path of another volume, of a device or of
// another machine is not in the image.
func belowDrive(name string) (below string, ok bool) {
	name = strings.ReplaceAll(name, `\`, "/")
	if len(name) >= 2 && name[1] == ':' {
		if name[0]|0x20 != 'c' {
			return "", false
		}
		name = name[2:]
	}
	if strings.HasPrefix(name, "//") || strings.ContainsRune(name, 0) {
		return "", false
	}
	return strings.TrimPrefix(path.Clean("/"+name), "/"), true
}

// windowsPath finds a path of a Windows image where it lies. A name that is not there in any case keeps the case given.
func (h *Host) windowsPath(name string, join func(root, below string) (string, error)) (string, error) {
	below, ok := belowDrive(name)
	if !ok {
		return "", &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	real, err := join(h.root, below)
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(real); err == nil {
		return real, nil
	}
	spelled, err := h.spelled(below)
	if err != nil {
		return "", err
	}
	return join(h.root, spelled)
}

// spelled gives a path of the image with each name as its directory spells it.
func (h *Host) spelled(below string) (string, error) {
	at := ""
	for part := range strings.SplitSeq(below, "/") {
		dir, err := securejoin.SecureJoin(h.root, at)
		if err != nil {
			return "", err
		}
		if _, err := os.Lstat(filepath.Join(dir, part)); err != nil {
			entries, err := os.ReadDir(dir)
			if err != nil {
				return below, nil // it does not exist, which the caller finds by itself
			}
			for _, entry := range entries {
				if strings.EqualFold(entry.Name(), part) {
					part = entry.Name()
					break
				}
			}
		}
		at = path.Join(at, part)
	}
	return at, nil
}

// joinLink joins as SecureJoin does, but leaves a link in the last place alone.
func joinLink(root, below string) (string, error) {
	dir, err := securejoin.SecureJoin(root, path.Dir("/"+below))
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, path.Base("/"+below)), nil
}
