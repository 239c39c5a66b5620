// Package homes reads files below users' home directories. Whoever owns a home decides what lies there: links to
// protected files, FIFOs, files that are swapped while they are read. So a file is opened through os.Root, which no link
// leaves, without waiting, and only if it is a regular file that belongs to the user.
package homes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// ReadMax is the largest file that is read as a whole.
const ReadMax = 10 << 20

// ErrForeign says that a file in a home does not belong to the home's user.
var ErrForeign = errors.New("belongs to another user")

var errNoRegularFile = errors.New("not a regular file")

// Home is one user's home directory, valid until the function that it was given to returns.
type Home struct {
	User accounts.User

	ctx  context.Context
	host tables.Host
	root *os.Root
	// unpacker owns all of a scanned image that an ordinary user unpacked; foreign marks that there is none.
	unpacker int64
}

const (
	foreign = -1
	noOne   = ^uint32(0) // the owner where a system tells none
)

// Each visits the homes that a statement asks for by the column uid. Without that constraint it is the home of the user
// that runs the agent, as osquery has it for tables of users' data; in a scanned image, where no one runs, all homes.
func Each(ctx context.Context, host tables.Host, q *tables.Query, visit func(*Home) error) error {
	uids, constrained := q.EqualInt("uid")
	switch {
	case constrained:
		return visitHomes(ctx, host, func(uid uint32) bool { return slices.Contains(uids, int64(uid)) }, visit)
	case host.Live():
		me := currentUser()
		return visitHomes(ctx, host, func(uid uint32) bool { return uid == me }, visit)
	default:
		return All(ctx, host, visit)
	}
}

// All visits the homes of all local users.
func All(ctx context.Context, host tables.Host, visit func(*Home) error) error {
	return visitHomes(ctx, host, func(uint32) bool { return true }, visit)
}

// visitHomes passes over users without a home.
func visitHomes(ctx context.Context, host tables.Host, wanted func(uid uint32) bool, visit func(*Home) error) error {
	users, err := accounts.Users(ctx, host)
	if err != nil {
		return err
	}
	unpacker := int64(foreign)
	if !host.Live() {
		if info, err := os.Stat(host.Root()); err == nil {
			unpacker = int64(owner(info))
		}
	}
	for _, user := range users {
		if !wanted(user.UID) || !isAbs(host, user.Home) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		real, err := host.RealPath(user.Home)
		if err != nil {
			hostfile.Skipped(ctx, host, user.Home, err)
			continue
		}
		root, err := os.OpenRoot(real)
		if err != nil {
			if !hostfile.Absent(err) {
				hostfile.Skipped(ctx, host, user.Home, err)
			}
			continue
		}
		err = visit(&Home{User: user, ctx: ctx, host: host, root: root, unpacker: unpacker})
		root.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// Path gives the full path of a name in the home, as rows show it.
func (h *Home) Path(name string) string {
	if h.host.Platform() == tables.Windows {
		return strings.TrimRight(h.User.Home, `\`) + `\` + strings.ReplaceAll(path.Clean(name), "/", `\`)
	}
	return path.Join(h.User.Home, name)
}

// Below gives the name in the home of a full path, as Path makes it.
func (h *Home) Below(full string) (name string, ok bool) {
	home := h.User.Home
	if h.host.Platform() == tables.Windows { // where names compare without case
		full, home = strings.ReplaceAll(full, `\`, "/"), strings.ReplaceAll(home, `\`, "/")
		if len(full) < len(home) || !strings.EqualFold(full[:len(home)], home) {
			return "", false
		}
		full = home + full[len(home):]
	}
	return strings.CutPrefix(path.Clean(full), home+"/")
}

// IsAbs tells whether a path is a full one on the home's machine.
func (h *Home) IsAbs(name string) bool { return isAbs(h.host, name) }

// isAbs tells whether a home is a directory of the machine itself; on Windows that starts with a drive.
func isAbs(host tables.Host, home string) bool {
	if host.Platform() == tables.Windows {
		return len(home) > 3 && home[1] == ':' && home[2] == '\\'
	}
	return path.IsAbs(home)
}

// Read reads a file, or logs why not. An absent file is not worth a line in the log.
func (h *Home) Read(name string) (data []byte, ok bool) {
	data, err := h.read(name)
	if err != nil {
		h.skipped(name, err)
		return nil, false
	}
	return data, true
}

func (h *Home) read(name string) ([]byte, error) {
	f, err := h.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, ReadMax+1))
	if err != nil {
		return nil, err
	}
	if len(data) > ReadMax {
		return nil, fmt.Errorf("larger than %d MiB", ReadMax>>20)
	}
	return data, nil
}

func (h *Home) open(name string) (*os.File, error) {
	f, err := h.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat() // of what was opened, whatever the name leads to by now
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errNoRegularFile
	case !h.mayOwn(owner(info)):
		err = ErrForeign
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// mayOwn tells whether a file of that owner is the user's own. In an image that was unpacked without privilege all files
// belong to whoever did that, and reading them discloses nothing of others. On Windows a user needs a privilege to make
// links, and what administrators put into a home is theirs; so owners say nothing there.
func (h *Home) mayOwn(uid uint32) bool {
	return uid == h.User.UID || int64(uid) == h.unpacker || h.host.Platform() == tables.Windows
}

// List gives the entries of a directory in name order; one that is absent or not to be read has none.
func (h *Home) List(name string) []fs.DirEntry {
	entries, err := fs.ReadDir(h.root.FS(), name)
	if err != nil {
		h.skipped(name, err)
	}
	return entries
}

// Directories gives the names of the directories in a directory.
func (h *Home) Directories(name string) []string {
	var names []string
	for _, entry := range h.List(name) {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	return names
}

func (h *Home) skipped(name string, err error) {
	if !hostfile.Absent(err) {
		hostfile.Skipped(h.ctx, h.host, h.Path(name), err)
	}
}
