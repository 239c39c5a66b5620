// Package hostfile reads configuration and state files that a scanned machine may well lack. It answers one question:
// is the absence of this file a failure of the table? It is not.
package hostfile

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"syscall"

	"github.com/tenantra/tenantra/tables"
)

// Source reads a file that a table is made from. A file that is absent, or that this process may not read, has no
// bytes; any other trouble is an error of the table.
func Source(ctx context.Context, host tables.Host, name string) ([]byte, error) {
	data, err := host.ReadFile(name)
	if err == nil {
		return data, nil
	}
	if Absent(err) {
		return nil, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		Skipped(ctx, host, name, err)
		return nil, nil
	}
	return nil, err
}

// OneOfMany reads a file that is one of several: whatever is wrong with it is logged, and its neighbours go on.
func OneOfMany(ctx context.Context, host tables.Host, name string) (data []byte, ok bool) {
	data, err := host.ReadFile(name)
	if err != nil {
		Skipped(ctx, host, name, err)
		return nil, false
	}
	return data, true
}

// List gives the entries of a directory in name order; a directory that is absent or not ours to read has none.
func List(ctx context.Context, host tables.Host, dir string) []fs.DirEntry {
	entries, err := host.ReadDir(dir)
	if err != nil && !Absent(err) {
		Skipped(ctx, host, dir, err)
	}
	return entries
}

// Files gives the paths of a directory's entries that are neither directories nor hidden, in name order.
func Files(ctx context.Context, host tables.Host, dir string) []string {
	var files []string
	for _, entry := range List(ctx, host, dir) {
		if !entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			files = append(files, path.Join(dir, entry.Name()))
		}
	}
	return files
}

// Absent tells whether an error says that there is no such file, or that a part of its path is no directory.
func Absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// Skipped notes at debug level that an object is left out of a table.
func Skipped(ctx context.Context, host tables.Host, name string, err error) {
	host.Log().LogAttrs(ctx, slog.LevelDebug, "object skipped", slog.String("path", name), slog.Any("err", err))
}
