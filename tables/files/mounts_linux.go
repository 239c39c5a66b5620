package files

import (
	"context"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// statfsPatience is how long a remote file system may take to answer; a dead server would hold the statement for ever.
const statfsPatience = time.Second

func generateMounts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*mount) error) error {
	mounts, err := readMounts(ctx, host)
	if err != nil {
		return err
	}
	wantSizes := host.Running() && q.WantsAny("blocks_size", "blocks", "blocks_free", "blocks_available", "inodes", "inodes_free")
	wantAlias := q.Wants("device_alias")
	unanswered := map[string]bool{} // by device: a dead server is waited for once
	for i := range mounts {
		if err := ctx.Err(); err != nil {
			return err
		}
		m := &mounts[i]
		if wantAlias && strings.HasPrefix(m.Device, "/") {
			m.DeviceAlias = resolveDevice(host, m.Device)
		}
		if wantSizes && !unanswered[m.Device] {
			if st, ok := statfs(ctx, host, m); ok {
				m.fill(st)
			} else {
				unanswered[m.Device] = remote(m.Type)
			}
		}
		if err := emit(m); err != nil {
			return err
		}
	}
	return nil
}

// readMounts asks for the mounts of process 1, which are the machine's; self would be the agent's own, in a container
// or behind systemd's sandboxing. Not everyone may look at process 1.
func readMounts(ctx context.Context, host tables.Host) ([]mount, error) {
	for _, name := range []string{"/proc/1/mounts", "/proc/self/mounts"} {
		if data, ok := hostfile.OneOfMany(ctx, host, name); ok && len(data) > 0 {
			return parseMounts(data), nil
		}
	}
	return nil, nil
}

// resolveDevice follows the links that name a device.
func resolveDevice(host tables.Host, device string) string {
	for range 8 {
		target, err := host.Readlink(device)
		if err != nil {
			break
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(device), target)
		}
		device = target
	}
	return device
}

// remote tells whether another machine or a user's process answers for a file system.
func remote(fsType string) bool {
	switch fsType {
	case "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "afs", "lustre", "glusterfs", "beegfs", "gpfs", "ocfs2", "gfs2":
		return true
	}
	return strings.HasPrefix(fsType, "fuse")
}

func statfs(ctx context.Context, host tables.Host, m *mount) (unix.Statfs_t, bool) {
	if m.Type == "autofs" {
		return unix.Statfs_t{}, false // asking would mount what is to stay unmounted
	}
	if !remote(m.Type) {
		return statfsNow(ctx, host, m.Path)
	}
	type answer struct {
		st unix.Statfs_t
		ok bool
	}
	answers := make(chan answer, 1) // so that a late answer does not keep its goroutine
	go func() {
		st, ok := statfsNow(ctx, host, m.Path)
		answers <- answer{st, ok}
	}()
	patience := time.NewTimer(statfsPatience)
	defer patience.Stop()
	select {
	case a := <-answers:
		return a.st, a.ok
	case <-patience.C:
	case <-ctx.Done():
	}
	return unix.Statfs_t{}, false
}

func statfsNow(ctx context.Context, host tables.Host, dir string) (st unix.Statfs_t, ok bool) {
	real, err := host.RealPath(dir)
	if err == nil {
		err = unix.Statfs(real, &st)
	}
	if err != nil {
		hostfile.Skipped(ctx, host, dir, err)
		return st, false
	}
	return st, true
}

func (m *mount) fill(st unix.Statfs_t) {
	size := st.Frsize
	if size == 0 {
		size = st.Bsize
	}
	m.BlocksSize = tables.Some(int64(size))
	m.Blocks, m.BlocksFree, m.BlocksAvailable = tables.Some(int64(st.Blocks)), tables.Some(int64(st.Bfree)), tables.Some(int64(st.Bavail))
	m.Inodes, m.InodesFree = tables.Some(int64(st.Files)), tables.Some(int64(st.Ffree))
}
