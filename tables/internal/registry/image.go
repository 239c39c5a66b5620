package registry

import (
	"fmt"
	"slices"
	"strings"
)

const (
	configDir   = `C:\Windows\System32\config\`
	profileList = `Microsoft\Windows NT\CurrentVersion\ProfileList`
)

// machineHives are the hives below HKEY_LOCAL_MACHINE. HARDWARE is made anew at each start and is in no file.
var machineHives = []struct{ name, file string }{
	{"BCD00000000", `C:\Boot\BCD`},
	{"COMPONENTS", configDir + "COMPONENTS"},
	{"DRIVERS", configDir + "DRIVERS"},
	{"SAM", configDir + "SAM"},
	{"SECURITY", configDir + "SECURITY"},
	{"SOFTWARE", configDir + "SOFTWARE"},
	{"SYSTEM", configDir + "SYSTEM"},
}

// imageRoots makes the registry from the hive files of a machine.
func (r *Registry) imageRoots() []root {
	machine := r.machine()
	return []root{
		{"HKEY_CLASSES_ROOT", &link{once(func() node { return descend(machine, `SOFTWARE\Classes`) })}},
		{"HKEY_CURRENT_CONFIG", &link{once(func() node { return descend(machine, `SYSTEM\CurrentControlSet\Hardware Profiles\Current`) })}},
		{"HKEY_LOCAL_MACHINE", machine},
		{"HKEY_USERS", &link{once(func() node { return r.users(machine, nil) })}},
	}
}

func (r *Registry) machine() node {
	b := &branch{}
	open := map[string]func() node{}
	for _, h := range machineHives {
		if !r.exists(h.file) {
			continue
		}
		b.names = append(b.names, h.name)
		open[h.name] = once(func() node {
			n := r.hive(h.file, `HKEY_LOCAL_MACHINE\`+h.name)
			if n == nil || h.name != "SYSTEM" {
				return n
			}
			return &alias{n, "CurrentControlSet", once(func() node { return currentControlSet(n) })}
		})
	}
	b.open = func(name string) node { return open[name]() }
	return b
}

// currentControlSet is the set of which Select\Current gives the number.
func currentControlSet(system node) node {
	selected := descend(system, "Select")
	if selected == nil {
		return nil
	}
	current, ok := (&Key{node: selected}).Int("Current")
	if !ok {
		return nil
	}
	return system.child(fmt.Sprintf("ControlSet%03d", current))
}

// profile is where a user's own registry lies.
type profile struct{ sid, hive, classes string }

// users is HKEY_USERS: the profiles of the machine's list, each with its classes, but those that skip names.
func (r *Registry) users(machine node, skip []string) node {
	open := map[string]func() node{}
	b := &branch{}
	add := func(name, file string, wrap func(node) node) {
		if slices.ContainsFunc(skip, func(s string) bool { return strings.EqualFold(s, name) }) || open[name] != nil || file == "" || !r.exists(file) {
			return
		}
		b.names = append(b.names, name)
		open[name] = once(func() node {
			n := r.hive(file, `HKEY_USERS\`+name)
			if n != nil {
				n = wrap(n)
			}
			return n
		})
	}
	plain := func(n node) node { return n }
	add(".DEFAULT", configDir+"DEFAULT", plain)
	for _, p := range r.profiles(machine) {
		add(p.sid, p.hive, func(n node) node { return &softwareClasses{n, func() node { return b.child(p.sid + "_Classes") }} })
		add(p.sid+"_Classes", p.classes, plain)
	}
	b.open = func(name string) node { return open[name]() }
	return b
}

func (r *Registry) profiles(machine node) []profile {
	found := []profile{{sid: "S-1-5-18", hive: configDir + "DEFAULT"}}
	list := descend(machine, `SOFTWARE\`+profileList)
	if list == nil {
		return found
	}
	_ = (&Key{node: list}).Keys(func(k *Key) error {
		dir := ExpandSystem(k.Text("ProfileImagePath"))
		if sid := k.Name(); dir != "" && sid != "S-1-5-18" {
			found = append(found, profile{sid, dir + `\NTUSER.DAT`, dir + `\AppData\Local\Microsoft\Windows\UsrClass.dat`})
		}
		return nil
	})
	return found
}

// ExpandSystem replaces the variables that mean the same for all users by where Windows is installed.
func ExpandSystem(path string) string {
	for _, v := range [...]struct{ name, value string }{
		{"%systemroot%", `C:\Windows`}, {"%windir%", `C:\Windows`}, {"%systemdrive%", "C:"}, {"%programdata%", `C:\ProgramData`},
		{"%allusersprofile%", `C:\ProgramData`}, {"%programfiles%", `C:\Program Files`}, {"%programfiles(x86)%", `C:\Program Files (x86)`},
		{"%commonprogramfiles%", `C:\Program Files\Common Files`}, {"%public%", `C:\Users\Public`},
	} {
		if i := strings.Index(strings.ToLower(path), v.name); i >= 0 && len(path) == len(strings.ToLower(path)) {
			path = path[:i] + v.value + path[i+len(v.name):]
		}
	}
	return path
}

// descend gives a key below a node; nil where there is none.
func descend(n node, path string) node {
	for name := range strings.SplitSeq(path, `\`) {
		if n == nil {
			return nil
		}
		n = n.child(name)
	}
	return n
}
