package kernel

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/like"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// registryEntry is one key or value of the registry.
type registryEntry struct {
	Key   string `col:"key" opt:"additional" collate:"NOCASE" doc:"Key that holds it."`
	Path  string `col:"path" opt:"index" doc:"Key and name."`
	Name  string `col:"name" doc:"Name of the value, (Default) for that without a name, or of the subkey."`
	Type  string `col:"type" doc:"Type of the value, REG_SZ and the like, or subkey."`
	Data  string `col:"data" class:"content" doc:"Data as text, credentials masked; bytes in hexadecimal digits."`
	Mtime int64  `col:"mtime" doc:"Last change of the key, of a subkey of that itself, in Unix seconds."`
}

// Registry has a row for each subkey and value of the keys that a statement names by key or path. In LIKE, % stays on one
// level and %% at the end goes down to all levels. Without a constraint it shows the roots.
// Source: the registry's API; in an image, and for profiles that are not loaded, the hive files.
var Registry = tables.Define[registryEntry](tables.Spec{
	Name: "registry", Doc: "Keys and values of the registry.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT name, data FROM registry WHERE key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' AND name = 'CurrentBuild'",
		"SELECT path, data FROM registry WHERE key LIKE 'HKEY_USERS\\%\\Software\\Microsoft\\Windows\\CurrentVersion\\Run'",
	},
}, generateRegistry)

const (
	defaultValue = "(Default)"
	subkeyType   = "subkey"
)

func generateRegistry(ctx context.Context, host tables.Host, q *tables.Query, emit func(*registryEntry) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	w := registryWalk{ctx: ctx, registry: r, emit: emit}
	if paths := q.Equal("path"); paths != nil {
		for _, path := range paths {
			if err := w.exact(path); err != nil {
				return err
			}
		}
		return nil
	}
	if keys := q.Equal("key"); keys != nil {
		for _, path := range keys {
			if key := r.Key(path); key != nil {
				if err := w.key(key); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if likes := q.Like("path"); likes != nil { // all but the last level names keys, the last what they hold
		levels := splitLevels(likes[0])
		last := levels[len(levels)-1]
		return w.match(levels[:len(levels)-1], strings.HasSuffix(last, "%%"))
	}
	if likes := q.Like("key"); likes != nil {
		levels := splitLevels(likes[0])
		if last := levels[len(levels)-1]; strings.HasSuffix(last, "%%") {
			// Keys below are asked for; the key itself is not one of them, and SQLite leaves it out.
			return w.match(levels[:len(levels)-1], true)
		}
		return w.match(levels, false)
	}
	for _, name := range r.Roots() {
		if err := w.key(r.Key(name)); err != nil {
			return err
		}
	}
	return nil
}

// registryWalk emits what keys hold.
type registryWalk struct {
	ctx      context.Context
	registry *registry.Registry
	emit     func(*registryEntry) error
}

// exact emits the subkey or value of one path, which is shown as it was asked for.
func (w *registryWalk) exact(path string) error {
	at := strings.LastIndexByte(path, '\\')
	if at < 0 {
		return nil // a root is below no key
	}
	// The name of a value may hold a backslash itself, so each cut is tried until a key is found that has the rest.
	for ; at > 0; at = strings.LastIndexByte(path[:at], '\\') {
		key := w.registry.Key(path[:at])
		if key == nil {
			continue
		}
		name := path[at+1:]
		err := w.entries(key, func(e *registryEntry) error {
			if !strings.EqualFold(e.Name, name) {
				return nil
			}
			e.Path = path
			return w.emit(e)
		})
		return err
	}
	return nil
}

// key emits all that a key holds.
func (w *registryWalk) key(key *registry.Key) error { return w.entries(key, w.emit) }

func (w *registryWalk) entries(key *registry.Key, emit func(*registryEntry) error) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	err := key.Keys(func(sub *registry.Key) error {
		return emit(&registryEntry{Key: key.Path, Path: sub.Path, Name: sub.Name(), Type: subkeyType, Mtime: sub.WrittenUnix()})
	})
	if err != nil {
		return err
	}
	written := key.WrittenUnix()
	for _, v := range key.Values() {
		name := v.Name
		if name == "" {
			name = defaultValue
		}
		err := emit(&registryEntry{
			Key: key.Path, Path: key.Path + `\` + name, Name: name, Type: registry.TypeName(v.Type), Data: shownData(name, v), Mtime: written,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// match emits what the keys hold that levels of patterns lead to and, where recursive, all keys below them.
func (w *registryWalk) match(levels []string, recursive bool) error {
	if len(levels) == 0 {
		if !recursive {
			return nil
		}
		levels = []string{"%"}
	}
	for _, name := range w.registry.Roots() {
		if !like.Match(levels[0], name) {
			continue
		}
		if err := w.below(w.registry.Key(name), levels[1:], recursive, registry.DepthMax); err != nil {
			return err
		}
	}
	return nil
}

func (w *registryWalk) below(key *registry.Key, levels []string, recursive bool, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if len(levels) > 0 {
		if !strings.ContainsAny(levels[0], "%_") {
			if sub := key.Open(levels[0]); sub != nil {
				return w.below(sub, levels[1:], recursive, depth)
			}
			return nil
		}
		return key.Keys(func(sub *registry.Key) error {
			if !like.Match(levels[0], sub.Name()) {
				return nil
			}
			return w.below(sub, levels[1:], recursive, depth)
		})
	}
	if err := w.key(key); err != nil || !recursive || depth == 0 {
		return err
	}
	return key.Keys(func(sub *registry.Key) error { return w.below(sub, nil, true, depth-1) })
}

func splitLevels(pattern string) []string { return strings.Split(strings.Trim(pattern, `\`), `\`) }

// shownData is a value's text with credentials masked, such as the password of an automatic logon. Numbers are settings.
func shownData(name string, v registry.Value) string {
	switch registry.TypeName(v.Type) {
	case "REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ":
		return mask.Variable(name, v.Text())
	default:
		return v.Text()
	}
}
