//go:build unix

package extension

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// pathMax is what osquery's extensions allow the manager's path: theirs is longer by a dot and five digits, and a Unix
// socket's has 103 bytes on some systems.
const pathMax = 97

// DefaultPath is the manager's socket in a state directory. It has a directory of its own, because each extension puts its
// socket beside it.
func DefaultPath(stateDir string) string {
	return filepath.Join(stateDir, "extensions", "osquery.sock")
}

// TemporaryPath gives a place for the socket of one command, and what removes it.
func TemporaryPath() (path string, remove func() error, err error) {
	dir, err := os.MkdirTemp("", "tenantra")
	if err != nil {
		return "", nil, fmt.Errorf("extension socket: %w", err)
	}
	return filepath.Join(dir, "osquery.sock"), func() error { return os.RemoveAll(dir) }, nil
}

// listen makes a socket of mode 0600 in a directory that only this account can write; the directory is made where it is
// absent. A socket that is left of an earlier run is replaced, one that somebody serves is not.
func listen(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > pathMax {
		return nil, fmt.Errorf("extension socket %s: the path is longer than %d bytes", path, pathMax)
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("extension socket: %w", err)
	}
	if err := checkDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("extension socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // nobody else can enter the directory meanwhile
		return nil, errors.Join(fmt.Errorf("extension socket: %w", err), l.Close())
	}
	return l, nil
}

// checkDir holds that nobody else can put a socket into a directory.
func checkDir(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("extension socket: %w", err)
	}
	owner, mode := ownerOf(info), info.Mode()
	switch {
	case !mode.IsDir():
		return fmt.Errorf("extension socket: %s is not a directory: a link there could lead anywhere", dir)
	case owner != 0 && owner != os.Geteuid():
		return fmt.Errorf("extension socket: the directory %s belongs to uid %d and not to uid %d: name a socket in a directory of its own", dir, owner, os.Geteuid())
	case mode.Perm()&0o022 != 0:
		return fmt.Errorf("extension socket: the directory %s is writable by others (mode %#o): chmod go-w it", dir, mode.Perm())
	}
	return nil
}

func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("extension socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("extension socket: %s is something else: remove it or name another path", path)
	}
	if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path); err == nil {
		return errors.Join(fmt.Errorf("extension socket: another program serves %s", path), conn.Close())
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("extension socket: %w", err)
	}
	return nil
}

// dial connects to a socket that root or this account made.
func dial(ctx context.Context, path string) (net.Conn, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("extension socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return nil, fmt.Errorf("extension socket: %s is not a socket", path)
	}
	if owner := ownerOf(info); owner != 0 && owner != os.Geteuid() {
		return nil, fmt.Errorf("extension socket: %s belongs to uid %d and not to uid %d", path, owner, os.Geteuid())
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("extension socket: %w", err)
	}
	if err := checkPeer(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// removeSocket deletes the socket that an extension left.
func removeSocket(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("extension socket: %w", err)
	}
	return nil
}

// checkPeer holds that root or this account is at the other end: the file's mode says who may connect, this says who did.
func checkPeer(conn net.Conn) error {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return errors.New("extension socket: the connection is not one of a socket")
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("extension socket: %w", err)
	}
	var uid int
	var peerErr error
	if err := raw.Control(func(fd uintptr) { uid, peerErr = peer(int(fd)) }); err != nil {
		return fmt.Errorf("extension socket: %w", err)
	}
	if peerErr != nil {
		return fmt.Errorf("extension socket: who is at the other end: %w", peerErr)
	}
	if uid != 0 && uid != os.Geteuid() {
		return fmt.Errorf("extension socket: uid %d is at the other end", uid)
	}
	return nil
}

func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}
