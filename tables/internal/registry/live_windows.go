package registry

import (
	"slices"
	"time"

	"golang.org/x/sys/windows/registry"
)

// liveKey is a key of the running system. It is opened for each call and never kept open: nothing is left to close, and a
// key that vanishes has no more values.
type liveKey struct {
	root registry.Key
	path string
}

// liveRoots are the roots of the running system, whose HKEY_USERS also shows the profiles that are not loaded.
func (r *Registry) liveRoots() []root {
	machine := &liveKey{registry.LOCAL_MACHINE, ""}
	return []root{
		{"HKEY_CLASSES_ROOT", &liveKey{registry.CLASSES_ROOT, ""}},
		{"HKEY_CURRENT_CONFIG", &liveKey{registry.CURRENT_CONFIG, ""}},
		{"HKEY_CURRENT_USER", &liveKey{registry.CURRENT_USER, ""}},
		{"HKEY_LOCAL_MACHINE", machine},
		{"HKEY_USERS", &allUsers{loaded: &liveKey{registry.USERS, ""}, registry: r, machine: machine}},
	}
}

func (k *liveKey) open(access uint32) (registry.Key, bool) {
	key, err := registry.OpenKey(k.root, k.path, access|registry.WOW64_64KEY)
	return key, err == nil
}

func (k *liveKey) subkeys() []string {
	key, ok := k.open(registry.ENUMERATE_SUB_KEYS)
	if !ok {
		return nil
	}
	defer key.Close()
	names, _ := key.ReadSubKeyNames(-1) // those that were read before an error
	return names
}

func (k *liveKey) child(name string) node {
	child := k.below(name)
	key, ok := child.open(registry.QUERY_VALUE)
	if !ok {
		return nil
	}
	key.Close()
	return child
}

func (k *liveKey) listed(name string) node { return k.below(name) }

func (k *liveKey) below(name string) *liveKey {
	if k.path == "" {
		return &liveKey{k.root, name}
	}
	return &liveKey{k.root, k.path + `\` + name}
}

func (k *liveKey) values() []Value {
	key, ok := k.open(registry.QUERY_VALUE)
	if !ok {
		return nil
	}
	defer key.Close()
	names, _ := key.ReadValueNames(-1)
	values := make([]Value, 0, len(names))
	for _, name := range names {
		if v, ok := readValue(key, name); ok {
			values = append(values, v)
		}
	}
	return values
}

// readValue reads one value; it may grow between the two calls, then it is read again.
func readValue(key registry.Key, name string) (Value, bool) {
	buffer := make([]byte, 256)
	for {
		n, kind, err := key.GetValue(name, buffer)
		switch {
		case err == nil:
			return Value{Name: name, Type: kind, Data: slices.Clone(buffer[:n])}, true
		case err == registry.ErrShortBuffer && n > len(buffer) && n <= dataMax:
			buffer = make([]byte, n)
		default:
			return Value{}, false
		}
	}
}

func (k *liveKey) written() time.Time {
	key, ok := k.open(registry.QUERY_VALUE)
	if !ok {
		return time.Time{}
	}
	defer key.Close()
	info, err := key.Stat()
	if err != nil {
		return time.Time{}
	}
	return info.ModTime().UTC()
}

// allUsers is HKEY_USERS with the profiles of users who are not logged on beside those that are loaded.
type allUsers struct {
	loaded   *liveKey
	registry *Registry
	machine  node
	others   node
}

func (u *allUsers) unloaded() node {
	if u.others == nil {
		u.others = u.registry.users(u.machine, u.loaded.subkeys())
	}
	return u.others
}

func (u *allUsers) subkeys() []string { return append(u.loaded.subkeys(), u.unloaded().subkeys()...) }

func (u *allUsers) child(name string) node {
	if child := u.loaded.child(name); child != nil {
		return child
	}
	return u.unloaded().child(name)
}

func (u *allUsers) values() []Value { return u.loaded.values() }

func (u *allUsers) written() time.Time { return u.loaded.written() }
