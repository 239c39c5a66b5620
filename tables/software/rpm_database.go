package software

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// rpmDirectories are where distributions keep the database: newer ones, older ones, and those whose system is an image.
var rpmDirectories = [...]string{"/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"}

// rpmFiles are the database's formats, newest first: where a system has changed over, the old file stays behind.
var rpmFiles = [...]string{"rpmdb.sqlite", "Packages.db", "Packages"}

var errRPMFormat = errors.New("not a package database of a known format (sqlite, ndb, Berkeley DB hash)")

// eachRPM hands the header of each installed package to each; a machine without the database has none. One damaged
// header is left out, a damaged database is an error.
func eachRPM(ctx context.Context, host tables.Host, each func(rpmHeader) error) error {
	for _, dir := range rpmDirectories {
		for _, file := range rpmFiles {
			name := path.Join(dir, file)
			f, err := host.Open(name)
			if hostfile.Absent(err) || errors.Is(err, fs.ErrPermission) {
				hostfile.Skipped(ctx, host, name, err)
				continue
			}
			if err != nil {
				return err
			}
			defer f.Close()
			return readRPMDatabase(ctx, host, name, f, func(blob []byte) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				header, err := parseRPMHeader(blob)
				if err != nil {
					hostfile.Skipped(ctx, host, name, err)
					return nil
				}
				return each(header)
			})
		}
	}
	return nil
}

// readRPMDatabase tells the format by the file's content, since names have been used for several.
func readRPMDatabase(ctx context.Context, host tables.Host, name string, f tables.File, each func([]byte) error) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("size of %s: %w", name, err)
	}
	if info.Size() == 0 {
		return nil // begun, and without a package yet
	}
	head := make([]byte, 32)
	if _, err := f.ReadAt(head, 0); err != nil {
		return fmt.Errorf("%s: %w", name, errRPMFormat)
	}
	switch {
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		err = readRPMSQLite(ctx, host, name, each)
	case bytes.HasPrefix(head, []byte(ndbMagic)):
		err = readNDB(f, info.Size(), each)
	case isBDBHash(head):
		err = readBDB(f, info.Size(), each)
	default:
		err = errRPMFormat
	}
	if err != nil {
		return fmt.Errorf("package database %s: %w", name, err)
	}
	return nil
}
