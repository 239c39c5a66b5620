//go:build linux || darwin

package files

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// candidate is an entry of a directory that is a directory itself or has one of the wanted bits in its mode.
type candidate struct {
	fs.DirEntry
	matches bool // it has one of them
}

// candidates gives the entries of a directory that are directories or have one of some bits of a mode, in name order. A whole tree has
// hundreds of thousands of others: they are looked at by their names in the open directory, which spares the kernel the way to each,
// and the collector what os.Lstat makes. Links are left out. The bits of directories are only looked at where the caller wants so.
func candidates(ctx context.Context, host tables.Host, dir string, bits uint32, directories bool) []candidate {
	found, err := findCandidates(host, dir, bits, directories)
	if err != nil && !hostfile.Absent(err) {
		hostfile.Skipped(ctx, host, dir, err)
	}
	return found
}

func findCandidates(host tables.Host, dir string, bits uint32, directories bool) ([]candidate, error) {
	real, err := host.RealPath(dir)
	if err != nil {
		return nil, err
	}
	fd, err := again(func() (int, error) { return unix.Open(real, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	f := os.NewFile(uintptr(fd), real)
	defer f.Close()
	entries, err := f.ReadDir(-1) // what could be read until an error counts
	var found []candidate
	for _, entry := range entries {
		if entry.Type()&fs.ModeSymlink != 0 {
			continue
		}
		matches := false
		if directories || !entry.IsDir() {
			var stat unix.Stat_t
			_, err := again(func() (int, error) { return 0, unix.Fstatat(fd, entry.Name(), &stat, unix.AT_SYMLINK_NOFOLLOW) })
			if err != nil {
				continue // gone since it was listed
			}
			matches = uint32(stat.Mode)&bits != 0
		}
		if matches || entry.IsDir() {
			found = append(found, candidate{entry, matches})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return strings.Compare(a.Name(), b.Name()) })
	return found, err
}

// again makes a call until no signal interrupts it.
func again(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}
