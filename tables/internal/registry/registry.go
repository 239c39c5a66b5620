// Package registry reads the registry of Windows: that of the running system by its API, and that of a mounted image from
// its hive files. It answers one question: what does a key hold? Both look the same to the tables, whose paths are those
// of the running system:
//
//	HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft
//	HKEY_USERS\S-1-5-21-1-2-3-1001\Software
//
// An image has no CurrentControlSet, no HKEY_CLASSES_ROOT and no loaded profiles; these are derived from what it has, as
// Windows does when it starts. Profiles that are not loaded are read from their files on a running system, too. Where a
// hive should be, a text written by regedit may stand (see parseExport): fixtures and offline work use that.
package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// DepthMax bounds how deep a walk through subkeys goes: Windows allows no more levels.
const DepthMax = 512

// node is a key in one of the forms that the registry comes in. What a node cannot read it leaves out.
type node interface {
	// subkeys gives the names of the keys below, in the order of the source.
	subkeys() []string
	// child gives the key below of that name, compared without case; nil where there is none.
	child(name string) node
	values() []Value
	// written is the last change of the key, zero where the source does not tell.
	written() time.Time
}

// Registry is the registry of one machine. It is used by one goroutine and closed after use.
type Registry struct {
	ctx   context.Context
	host  tables.Host
	roots []root
	files []tables.File
}

type root struct {
	name string
	node node
}

// Key is one key. It is valid until the registry is closed. A nil Key, which is what an absent key is, holds nothing, so
// that a table may ask on without a question at each step.
type Key struct {
	Path string // as it was asked for: HKEY_LOCAL_MACHINE\SOFTWARE\…
	node node
}

// Open makes the registry of a machine. Hives are opened when they are first used.
func Open(ctx context.Context, host tables.Host) *Registry {
	r := &Registry{ctx: ctx, host: host}
	r.roots = r.imageRoots()
	if host.Live() {
		r.roots = r.liveRoots()
	}
	return r
}

// Close closes the files of the hives.
func (r *Registry) Close() {
	for _, f := range r.files {
		f.Close()
	}
	r.files = nil
}

// Roots gives the names of the keys that all paths start with.
func (r *Registry) Roots() []string {
	var names []string
	for _, root := range r.roots {
		names = append(names, root.name)
	}
	return names
}

// Key gives the key of a path, whose names compare without case; nil where there is none.
func (r *Registry) Key(path string) *Key {
	first, rest, more := strings.Cut(strings.Trim(path, `\`), `\`)
	i := slices.IndexFunc(r.roots, func(root root) bool { return strings.EqualFold(root.name, first) })
	if i < 0 {
		return nil
	}
	key := &Key{Path: first, node: r.roots[i].node}
	if !more {
		return key
	}
	return key.Open(rest)
}

// Open gives the key of a path below; nil where there is none.
func (k *Key) Open(path string) *Key {
	if k == nil {
		return nil
	}
	at := k.node
	for name := range strings.SplitSeq(path, `\`) {
		if at = at.child(name); at == nil {
			return nil
		}
	}
	return &Key{Path: k.Path + `\` + path, node: at}
}

// Name is the last part of the path.
func (k *Key) Name() string { return k.Path[strings.LastIndexByte(k.Path, '\\')+1:] }

// Names gives the names of the keys below.
func (k *Key) Names() []string {
	if k == nil {
		return nil
	}
	return k.node.subkeys()
}

// Keys visits the keys below until one returns an error, which it gives back.
func (k *Key) Keys(visit func(*Key) error) error {
	for _, name := range k.Names() {
		if sub := listed(k.node, name); sub != nil { // it may have vanished
			if err := visit(&Key{Path: k.Path + `\` + name, node: sub}); err != nil {
				return err
			}
		}
	}
	return nil
}

// listed gives a key of which the name was just listed. That of a running system is not opened to see whether it is there:
// whoever asks what it holds opens it anyway.
func listed(n node, name string) node {
	if live, ok := n.(interface{ listed(name string) node }); ok {
		return live.listed(name)
	}
	return n.child(name)
}

// Written is the last change of the key's values or subkeys; zero where the source does not tell.
func (k *Key) Written() time.Time {
	if k == nil {
		return time.Time{}
	}
	return k.node.written()
}

// WrittenUnix is Written in Unix seconds, 0 where it is not known.
func (k *Key) WrittenUnix() int64 {
	if t := k.Written(); !t.IsZero() {
		return t.Unix()
	}
	return 0
}

// Values gives the key's values; that without a name is the key's default.
func (k *Key) Values() []Value {
	if k == nil {
		return nil
	}
	return k.node.values()
}

// Value gives one value by its name.
func (k *Key) Value(name string) (Value, bool) {
	for _, v := range k.Values() {
		if strings.EqualFold(v.Name, name) {
			return v, true
		}
	}
	return Value{}, false
}

// Text gives a value as text; "" where there is none.
func (k *Key) Text(name string) string {
	v, _ := k.Value(name)
	return v.Text()
}

// Int gives a number; ok is false where there is none.
func (k *Key) Int(name string) (v int64, ok bool) {
	value, _ := k.Value(name)
	return value.Int()
}

// branch is a key made of others: HKEY_LOCAL_MACHINE of its hives, HKEY_USERS of the profiles.
type branch struct {
	names []string
	open  func(name string) node
}

func (b *branch) subkeys() []string { return b.names }

func (b *branch) child(name string) node {
	if i := slices.IndexFunc(b.names, func(n string) bool { return strings.EqualFold(n, name) }); i >= 0 {
		return b.open(b.names[i])
	}
	return nil
}

func (b *branch) values() []Value { return nil }

func (b *branch) written() time.Time { return time.Time{} }

// alias is a key that shows another key under one more name, as CurrentControlSet shows ControlSet001.
type alias struct {
	node
	name   string
	target func() node
}

func (a *alias) subkeys() []string {
	names := a.node.subkeys()
	if a.target() != nil && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, a.name) }) {
		names = append(slices.Clone(names), a.name)
	}
	return names
}

func (a *alias) child(name string) node {
	if child := a.node.child(name); child != nil || !strings.EqualFold(name, a.name) {
		return child
	}
	return a.target()
}

// hive opens the file of a hive that is mounted on a path of the registry; nil where there is none.
func (r *Registry) hive(file, mount string) node {
	n, err := r.openHive(file, mount)
	if err != nil {
		if !hostfile.Absent(err) {
			hostfile.Skipped(r.ctx, r.host, file, err)
		}
		return nil
	}
	return n
}

func (r *Registry) openHive(file, mount string) (node, error) {
	f, err := r.host.Open(file)
	if err != nil {
		return nil, err
	}
	var magic [4]byte
	if _, err := f.ReadAt(magic[:], 0); err == nil && string(magic[:]) == hiveMagic {
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		n, err := readHive(f, info.Size())
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("hive %s: %w", file, err)
		}
		r.files = append(r.files, f)
		return n, nil
	}
	f.Close()
	text, err := r.host.ReadFile(file)
	if err != nil {
		return nil, err
	}
	n, err := parseExport(text, mount)
	if err != nil {
		return nil, fmt.Errorf("hive %s: %w", file, err)
	}
	return n, nil
}

// once keeps what open gives the first time.
func once(open func() node) func() node {
	var done bool
	var n node
	return func() node {
		if !done {
			n, done = open(), true
		}
		return n
	}
}

// errNoHive says that a file is neither a hive nor an export.
var errNoHive = errors.New("neither a registry hive nor an export of one")

// exists tells whether an image has a file.
func (r *Registry) exists(file string) bool {
	_, err := r.host.Lstat(file)
	return err == nil || !errors.Is(err, fs.ErrNotExist) && !hostfile.Absent(err)
}
