package files

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/like"
)

// found is a path that a statement names or that a pattern or directory leads to.
type found struct {
	path      string // as the row shows it, but on Windows
	directory string
	filename  string

	parent, name string      // where it lies: name is empty for the root directory
	listed       bool        // seen in its directory, so it exists and kind is known
	kind         fs.FileMode // the type bits of a listed entry, of a link itself
	row          rowPaths    // of Windows, where rows show paths in another form
}

// rowPaths are a path and its directory as a row of Windows shows them.
type rowPaths struct{ path, directory string }

func (f *found) shown() string {
	if f.row.path != "" {
		return f.row.path
	}
	return f.path
}

func (f *found) shownDirectory() string {
	if f.row.path != "" {
		return f.row.directory
	}
	return f.directory
}

// visitor is told of each path. The found is valid until it returns.
type visitor func(*found) error

// selection is what a statement's constraints on path and directory select.
type selection struct{ paths, directories, likePaths, likeDirectories []string }

// selectPaths visits what a statement's constraints on path and directory select, in name order.
func selectPaths(ctx context.Context, host tables.Host, q *tables.Query, visit visitor) error {
	return selection{q.Equal("path"), q.Equal("directory"), q.Like("path"), q.Like("directory")}.visit(ctx, host, visit)
}

// selectByPath is selectPaths for tables without a column directory.
func selectByPath(ctx context.Context, host tables.Host, q *tables.Query, visit visitor) error {
	return selection{paths: q.Equal("path"), likePaths: q.Like("path")}.visit(ctx, host, visit)
}

func (s selection) visit(ctx context.Context, host tables.Host, visit visitor) error {
	if host.Platform() == tables.Windows {
		return s.visitWindows(ctx, host, visit)
	}
	return s.walk(walker{ctx: ctx, host: host, visit: visit})
}

// walk follows the constraints. They are joined by AND, so following the narrowest kind is enough.
func (s selection) walk(w walker) error {
	switch {
	case s.paths != nil:
		for _, p := range s.paths {
			if err := w.exact(p); err != nil {
				return err
			}
		}
	case s.directories != nil:
		for _, d := range s.directories {
			if err := w.children(d); err != nil {
				return err
			}
		}
	case s.likePaths != nil:
		p := parsePattern(s.likePaths[0])
		return w.match("", p.levels, p)
	case s.likeDirectories != nil:
		inner := w
		p := parsePattern(s.likeDirectories[0])
		p.slash = false
		inner.visit = func(f *found) error { return w.children(f.path) }
		inner.directories = true
		return inner.match("", p.levels, p)
	}
	return nil
}

type walker struct {
	ctx         context.Context
	host        tables.Host
	visit       visitor
	directories bool // only directories are of interest
}

// exact visits a path as it was written; it may not exist.
func (w *walker) exact(p string) error {
	if !strings.HasPrefix(p, "/") {
		return nil // relative to nothing that a scanned machine has
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	clean := path.Clean(p)
	f := found{path: p, parent: path.Dir(clean), name: path.Base(clean), directory: path.Dir(clean), filename: path.Base(clean)}
	if clean == "/" {
		f.name, f.directory = "", ""
	} else if strings.HasSuffix(p, "/") {
		f.directory, f.filename = clean, "."
	}
	return w.visit(&f)
}

// children visits the entries of a directory, which is shown as it was written.
func (w *walker) children(directory string) error {
	if !strings.HasPrefix(directory, "/") {
		return nil
	}
	clean := path.Clean(directory)
	for _, entry := range hostfile.List(w.ctx, w.host, clean) {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		name := entry.Name()
		f := found{path: join(clean, name), directory: directory, filename: name, parent: clean, name: name, listed: true, kind: entry.Type()}
		if err := w.visit(&f); err != nil {
			return err
		}
	}
	return nil
}

// match visits what the levels of a pattern lead to below parent.
func (w *walker) match(parent string, levels []string, p pattern) error {
	if len(levels) == 0 {
		return nil
	}
	level, last := levels[0], len(levels) == 1
	if !wild(level) {
		if !last {
			return w.match(join(parent, level), levels[1:], p)
		}
		return w.literal(parent, level, p)
	}
	entries, err := w.host.ReadDir(orRoot(parent))
	if err != nil {
		if !hostfile.Absent(err) {
			hostfile.Skipped(w.ctx, w.host, orRoot(parent), err)
		}
		if strings.Contains(level, "%") {
			return nil
		}
		// A directory that may be entered but not listed: take the underscores at their word.
		if !last {
			return w.match(join(parent, level), levels[1:], p)
		}
		return w.literal(parent, level, p)
	}
	for _, entry := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if !like.Match(level, entry.Name()) {
			continue
		}
		if last {
			err = w.entry(parent, entry, p)
		} else if entry.IsDir() || entry.Type()&fs.ModeSymlink != 0 {
			err = w.match(join(parent, entry.Name()), levels[1:], p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// literal visits the last level of a pattern where it is a plain name.
func (w *walker) literal(parent, name string, p pattern) error {
	full := join(parent, name)
	info, err := w.host.Lstat(full)
	if err != nil {
		return nil // not there, or not ours to see
	}
	return w.entry(parent, fs.FileInfoToDirEntry(info), p)
}

// entry visits one directory entry and, for a recursive pattern, all below it. Links to directories are shown but not
// entered: what they lead to is listed where it lies, and no loop can form.
func (w *walker) entry(parent string, e fs.DirEntry, p pattern) error {
	full := join(parent, e.Name())
	isDir := e.IsDir()
	if e.Type()&fs.ModeSymlink != 0 && (p.slash || w.directories) {
		info, err := w.host.Stat(full)
		isDir = err == nil && info.IsDir()
	}
	if isDir || !w.directories {
		f := found{path: full, directory: orRoot(parent), filename: e.Name(), parent: orRoot(parent), name: e.Name(), listed: true, kind: e.Type()}
		if isDir && p.slash {
			f.path, f.directory, f.filename = full+"/", full, "."
		}
		if err := w.visit(&f); err != nil {
			return err
		}
	}
	if !p.recursive || !e.IsDir() {
		return nil
	}
	for _, child := range hostfile.List(w.ctx, w.host, full) {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := w.entry(full, child, p); err != nil {
			return err
		}
	}
	return nil
}

func join(parent, name string) string {
	if parent == "/" {
		parent = ""
	}
	return parent + "/" + name
}

func orRoot(dir string) string {
	if dir == "" {
		return "/"
	}
	return dir
}
