package files

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// slashHost gives a host of Windows by paths such as /C:/Windows, in which the walk works on every system.
type slashHost struct{ tables.Host }

// slashed wraps a host of Windows; another is given back as it is.
func slashed(host tables.Host) tables.Host {
	if _, wrapped := host.(slashHost); wrapped || host.Platform() != tables.Windows {
		return host
	}
	return slashHost{host}
}

func (h slashHost) ReadDir(name string) ([]fs.DirEntry, error) {
	return h.Host.ReadDir(windowsPath(name))
}
func (h slashHost) Stat(name string) (fs.FileInfo, error)  { return h.Host.Stat(windowsPath(name)) }
func (h slashHost) Lstat(name string) (fs.FileInfo, error) { return h.Host.Lstat(windowsPath(name)) }
func (h slashHost) Readlink(name string) (string, error)   { return h.Host.Readlink(windowsPath(name)) }
func (h slashHost) Open(name string) (tables.File, error)  { return h.Host.Open(windowsPath(name)) }
func (h slashHost) ReadFile(name string) ([]byte, error)   { return h.Host.ReadFile(windowsPath(name)) }
func (h slashHost) RealPath(name string) (string, error)   { return h.Host.RealPath(windowsPath(name)) }

// windowsPath writes /C:/Windows as C:\Windows. A volume itself keeps its backslash.
func windowsPath(slashes string) string {
	name := strings.ReplaceAll(strings.TrimPrefix(slashes, "/"), "/", `\`)
	if len(name) == 2 && name[1] == ':' {
		name += `\`
	}
	return name
}

// slashPath writes C:\Windows as /C:/Windows; ok is false for what does not start with a volume.
func slashPath(name string) (slashes string, ok bool) {
	if len(name) < 3 || name[1] != ':' || name[2] != '\\' && name[2] != '/' {
		return "", false
	}
	return "/" + strings.ReplaceAll(name, `\`, "/"), true
}

// visitWindows visits what the constraints select. A path or directory of equality is shown as it was asked for.
func (s selection) visitWindows(ctx context.Context, host tables.Host, visit visitor) error {
	w := walker{ctx: ctx, host: slashed(host)}
	show := func(asked rowPaths) visitor {
		return func(f *found) error {
			f.row = rowPaths{windowsPath(f.path), windowsPath(f.directory)}
			if asked.path != "" {
				f.row.path = asked.path
			}
			if asked.directory != "" {
				f.row.directory = asked.directory
			}
			return visit(f)
		}
	}
	each := func(asked []string, of func(one string) (selection, rowPaths)) error {
		for _, name := range asked {
			slashes, ok := slashPath(name)
			if !ok {
				continue
			}
			one, shown := of(slashes)
			if shown.path != "" {
				shown.path = name
			} else {
				shown.directory = name
			}
			w.visit = show(shown)
			if err := one.walk(w); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case s.paths != nil:
		return each(s.paths, func(p string) (selection, rowPaths) { return selection{paths: []string{p}}, rowPaths{path: p} })
	case s.directories != nil:
		return each(s.directories, func(d string) (selection, rowPaths) {
			return selection{directories: []string{d}}, rowPaths{directory: d}
		})
	}
	patterns := selection{likePaths: slashPatterns(s.likePaths), likeDirectories: slashPatterns(s.likeDirectories)}
	w.visit = show(rowPaths{})
	return patterns.walk(w)
}

// slashPatterns writes patterns with forward slashes; those that name no volume match nothing.
func slashPatterns(patterns []string) []string {
	var out []string
	for _, p := range patterns {
		if slashes, ok := slashPath(p); ok {
			out = append(out, slashes)
		}
	}
	return slices.Clip(out)
}
