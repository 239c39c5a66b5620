package host

import (
	"io/fs"
	"os"
)

func openNonblocking(path string) (*os.File, error) { return os.Open(path) }

// openRegular opens a regular file, and gives the size that it claims to have.
func openRegular(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}
