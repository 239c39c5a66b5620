// Package host is the real machine behind tables.Host: files below a root directory, commands, the clock. The same code
// serves the live system, a container's host mount, a mounted image and the fixture folders of tests.
package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	securejoin "github.com/cyphar/filepath-securejoin"

	"github.com/tenantra/tenantra/tables"
)

const (
	readMax     = 10 << 20 // of ReadFile
	outputMax   = 1 << 20  // of a command
	commandTime = 10 * time.Second
)

var errNotRegular = errors.New("not a regular file")

// Host implements tables.Host.
type Host struct {
	root     string // "" when live
	running  bool   // the system below root runs on this kernel
	platform tables.Platforms
	log      *slog.Logger
	self     tables.Self
}

var _ tables.Host = (*Host)(nil)

// New makes a host for the system mounted on root; "" and "/" mean the running system. Which system an image holds is told
// by its directories. A nil self has nothing to tell.
func New(root string, log *slog.Logger, self tables.Self) (*Host, error) {
	if root == "" || root == "/" {
		return newHost("", tables.BuildPlatform(), log, self), nil
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("root %s: %w", root, err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("root %s is not a directory", root)
	}
	h := newHost(abs, systemOf(abs), log, self)
	h.running = h.platform == tables.Linux && runsHere(abs)
	return h, nil
}

// NewImage makes a host for the image of a known system, however little of it there is.
func NewImage(root string, platform tables.Platforms, log *slog.Logger, self tables.Self) (*Host, error) {
	h, err := New(root, log, self)
	if err != nil {
		return nil, err
	}
	if h.Live() {
		return nil, fmt.Errorf("root %s is the running system", root)
	}
	h.platform = platform
	return h, nil
}

func newHost(root string, platform tables.Platforms, log *slog.Logger, self tables.Self) *Host {
	if self == nil {
		self = NoSelf{}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Host{root: root, platform: platform, log: log, self: self}
}

// systemOf tells an image's system by its directories; it is this build's where they tell nothing.
func systemOf(root string) tables.Platforms {
	isDir := func(path string) bool {
		info, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
		return err == nil && info.IsDir()
	}
	switch {
	case isDir("Windows/System32"):
		return tables.Windows
	case isDir("System/Library/CoreServices"):
		return tables.Darwin
	case isDir("etc") && isDir("usr"):
		return tables.Linux
	default:
		return tables.BuildPlatform()
	}
}

// Live is part of tables.Host.
func (h *Host) Live() bool { return h.root == "" }

// Running is part of tables.Host.
func (h *Host) Running() bool { return h.root == "" || h.running }

// Platform is part of tables.Host.
func (h *Host) Platform() tables.Platforms { return h.platform }

// Root is part of tables.Host.
func (h *Host) Root() string {
	if h.root == "" {
		return "/"
	}
	return h.root
}

// Log is part of tables.Host.
func (h *Host) Log() *slog.Logger { return h.log }

// Self is part of tables.Host.
func (h *Host) Self() tables.Self { return h.self }

// Now is part of tables.Host.
func (h *Host) Now() time.Time { return time.Now() }

// RealPath is part of tables.Host.
func (h *Host) RealPath(path string) (string, error) {
	if h.root == "" {
		return path, nil
	}
	if h.ofWindowsImage() {
		return h.windowsPath(path, securejoin.SecureJoin)
	}
	return securejoin.SecureJoin(h.root, h.ofFirstProcess(path))
}

// ofFirstProcess leads what /proc tells of its reader to process 1. The reader of a system that runs beside the agent's
// container would be the agent, whose network and mounts are the container's.
func (h *Host) ofFirstProcess(path string) string {
	if !h.running {
		return path
	}
	for _, own := range [...]struct{ name, first string }{{"/proc/self", "/proc/1"}, {"/proc/net", "/proc/1/net"}, {"/proc/mounts", "/proc/1/mounts"}} {
		if rest, ok := strings.CutPrefix(path, own.name); ok && (rest == "" || rest[0] == '/') {
			return own.first + rest
		}
	}
	return path
}

// linkPath resolves all of path but its last part, for calls that look at a link itself.
func (h *Host) linkPath(path string) (string, error) {
	if h.root == "" {
		return path, nil
	}
	if h.ofWindowsImage() {
		return h.windowsPath(path, joinLink)
	}
	return joinLink(h.root, filepath.ToSlash(path))
}

// outside rewrites an error's path to that of the scanned machine, so that messages do not show where it is mounted.
func (h *Host) outside(path string, err error) error {
	var pathError *fs.PathError
	if h.root != "" && errors.As(err, &pathError) {
		return &fs.PathError{Op: pathError.Op, Path: path, Err: pathError.Err}
	}
	return err
}

// ReadFile is part of tables.Host.
func (h *Host) ReadFile(path string) ([]byte, error) {
	real, err := h.RealPath(path)
	if err != nil {
		return nil, h.outside(path, err)
	}
	f, size, err := openRegular(real)
	if err != nil {
		return nil, h.outside(path, err)
	}
	defer f.Close()
	// Files of /proc say that they are empty, so the size is only a hint.
	hint := 512
	if size > 0 {
		hint = int(min(size, readMax)) + 1
	}
	data := make([]byte, 0, hint)
	for {
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data))
		}
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case len(data) > readMax:
			return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d MiB", readMax>>20)}
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, h.outside(path, err)
		}
	}
}

// Open is part of tables.Host.
func (h *Host) Open(path string) (tables.File, error) {
	f, err := h.open(path)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (h *Host) open(path string) (*os.File, error) {
	real, err := h.RealPath(path)
	if err != nil {
		return nil, h.outside(path, err)
	}
	f, err := openNonblocking(real)
	if err != nil {
		return nil, h.outside(path, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, h.outside(path, err)
	}
	if !info.Mode().IsRegular() {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	return f, nil
}

// ReadDir is part of tables.Host.
func (h *Host) ReadDir(path string) ([]fs.DirEntry, error) {
	real, err := h.RealPath(path)
	if err != nil {
		return nil, h.outside(path, err)
	}
	entries, err := os.ReadDir(real)
	return entries, h.outside(path, err)
}

// Stat is part of tables.Host.
func (h *Host) Stat(path string) (fs.FileInfo, error) {
	real, err := h.RealPath(path)
	if err != nil {
		return nil, h.outside(path, err)
	}
	info, err := os.Stat(real)
	return info, h.outside(path, err)
}

// Lstat is part of tables.Host.
func (h *Host) Lstat(path string) (fs.FileInfo, error) {
	real, err := h.linkPath(path)
	if err != nil {
		return nil, h.outside(path, err)
	}
	info, err := os.Lstat(real)
	return info, h.outside(path, err)
}

// Readlink is part of tables.Host.
func (h *Host) Readlink(path string) (string, error) {
	real, err := h.linkPath(path)
	if err != nil {
		return "", h.outside(path, err)
	}
	target, err := os.Readlink(real)
	return target, h.outside(path, err)
}

// Glob is part of tables.Host.
func (h *Host) Glob(pattern string) ([]string, error) {
	separator, fold := "/", func(name string) string { return name }
	found, whole := []string{""}, pattern
	if h.platform == tables.Windows {
		separator, fold, whole = `\`, strings.ToLower, strings.ReplaceAll(pattern, `\`, "/")
	}
	parts := strings.Split(strings.Trim(whole, "/"), "/")
	if strings.HasSuffix(parts[0], ":") { // a volume is no directory entry
		found, parts = parts[:1], parts[1:]
	}
	for _, part := range parts {
		var next []string
		for _, dir := range found {
			if !strings.ContainsAny(part, `*?[\`) {
				if _, err := h.Lstat(dir + separator + part); err == nil {
					next = append(next, dir+separator+part)
				}
				continue
			}
			entries, err := h.ReadDir(dir + separator)
			if err != nil {
				continue // not a directory, or not ours to read: it holds no match
			}
			for _, e := range entries {
				matched, err := path.Match(fold(part), fold(e.Name()))
				if err != nil {
					return nil, fmt.Errorf("glob %s: %w", pattern, err)
				}
				if matched && (!strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(part, ".")) {
					next = append(next, dir+separator+e.Name())
				}
			}
		}
		found = next
	}
	return found, nil
}

// Run is part of tables.Host.
func (h *Host) Run(ctx context.Context, argv ...string) ([]byte, error) {
	if h.root != "" {
		return nil, fmt.Errorf("run %s: the scanned system is not running: %w", argv[0], errors.ErrUnsupported)
	}
	if !filepath.IsAbs(argv[0]) {
		return nil, fmt.Errorf("run %s: not an absolute path", argv[0])
	}
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) // #nosec G204 -- argv only, absolute path, never a shell
	cmd.Env = commandEnvironment()
	cmd.WaitDelay = time.Second
	out := &cappedBuffer{}
	cmd.Stdout = out
	if err := cmd.Run(); err != nil {
		return out.kept, fmt.Errorf("run %s: %w", argv[0], err)
	}
	if out.overflow {
		return nil, fmt.Errorf("run %s: more than %d MiB of output", argv[0], outputMax>>20)
	}
	return out.kept, nil
}

func commandEnvironment() []string {
	if runtime.GOOS == "windows" {
		return []string{"SystemRoot=" + os.Getenv("SystemRoot"), "PATH=" + filepath.Join(os.Getenv("SystemRoot"), "System32")}
	}
	return []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/"}
}

// cappedBuffer keeps the first MiB and swallows the rest, so that a command never blocks on a full pipe. It embeds no
// bytes.Buffer, whose ReadFrom io.Copy would prefer to Write.
type cappedBuffer struct {
	kept     []byte
	overflow bool
}

func (b *cappedBuffer) Write(p []byte) (int, error) {
	keep := p
	if room := outputMax - len(b.kept); len(p) > room {
		keep, b.overflow = p[:room], true
	}
	b.kept = append(b.kept, keep...)
	return len(p), nil
}

// NoSelf is the state of a program without a daemon.
type NoSelf struct{}

// Info is part of tables.Self.
func (NoSelf) Info(context.Context) (tables.Info, error) {
	return tables.Info{PID: int64(os.Getpid())}, nil
}

// Schedule is part of tables.Self.
func (NoSelf) Schedule(context.Context) ([]tables.ScheduledQuery, error) { return nil, nil }

// Executions is part of tables.Self.
func (NoSelf) Executions(context.Context) ([]tables.Execution, error) { return nil, nil }

// Events is part of tables.Self.
func (NoSelf) Events(context.Context, tables.EventQuery, func(tables.Event) error) error { return nil }

// EventTables is part of tables.Self.
func (NoSelf) EventTables(context.Context) ([]tables.EventTable, error) { return nil, nil }

// Extensions is part of tables.Self.
func (NoSelf) Extensions(context.Context) ([]tables.Extension, error) { return nil, nil }

// Flags is part of tables.Self.
func (NoSelf) Flags(context.Context) ([]tables.Flag, error) { return nil, nil }

// PrometheusTargets is part of tables.Self.
func (NoSelf) PrometheusTargets(context.Context) ([]string, error) { return nil, nil }
