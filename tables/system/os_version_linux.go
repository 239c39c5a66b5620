package system

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generateOSVersion(ctx context.Context, host tables.Host, q *tables.Query, emit func(*osVersion) error) error {
	if pids, constrained := q.EqualInt("pid_with_namespace"); constrained {
		return osVersionsInside(ctx, host, pids, emit)
	}
	row, err := readOSVersion(host.ReadFile)
	if err != nil {
		return err
	}
	row.Arch = architecture(host)
	return emit(&row)
}

// osVersionsInside emits what processes see as their system; 0 is the host.
func osVersionsInside(ctx context.Context, host tables.Host, pids []int64, emit func(*osVersion) error) error {
	proc, err := procfs.Open(host)
	if err != nil {
		return absent(err)
	}
	defer proc.Close()
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, ok := osVersionInside(host, proc, pid)
		if !ok {
			continue
		}
		row.Arch = architecture(host)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func osVersionInside(host tables.Host, proc *procfs.Proc, pid int64) (osVersion, bool) {
	if pid == 0 {
		row, err := readOSVersion(host.ReadFile)
		return row, err == nil
	}
	p, err := proc.Process(pid)
	if err != nil {
		return osVersion{}, false
	}
	defer p.Close()
	row, err := readOSVersion(p.ReadInside)
	if err != nil {
		return osVersion{}, false // gone, or not ours to look into
	}
	row.PIDWithNamespace = pid
	if target, err := p.Link("ns/mnt"); err == nil {
		if inode, ok := procfs.ParseNamespace(target); ok {
			row.MountNamespaceID = tables.Some(strconv.FormatUint(inode, 10))
		}
	}
	return row, true
}

// readOSVersion reads the files that tell the version. A system without any of them has an unknown name.
func readOSVersion(read func(path string) ([]byte, error)) (osVersion, error) {
	row := osVersion{Name: tables.Some("Unknown"), Platform: tables.Some("posix")}
	for _, path := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		text, err := read(path)
		if err == nil {
			parseOSRelease(string(text), &row)
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return row, err
		}
	}
	for _, release := range []struct{ path, family string }{{"/etc/redhat-release", "rhel"}, {"/etc/gentoo-release", "gentoo"}} {
		text, err := read(release.path)
		if err == nil {
			parseRelease(string(text), release.family, &row)
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return row, err
		}
	}
	return row, nil
}

// architecture gives the kernel's architecture, as uname(2) names it; NULL where a system at rest does not tell.
func architecture(host tables.Host) tables.Null[string] {
	if host.Running() {
		var name unix.Utsname
		if unix.Uname(&name) == nil {
			return tables.Some(unix.ByteSliceToString(name.Machine[:]))
		}
	}
	text, err := host.ReadFile("/proc/sys/kernel/arch")
	if err != nil {
		return tables.Null[string]{}
	}
	return tables.Some(strings.TrimSpace(string(text)))
}
