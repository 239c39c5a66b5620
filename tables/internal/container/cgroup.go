package container

import (
	"bytes"
	"strings"
)

// Ref names a container as control groups do.
type Ref struct {
	Runtime string // docker, containerd, cri-o, podman, lxc or nspawn; empty where the group does not tell
	ID      string // 64 hexadecimal digits, of lxc and nspawn the container's name
}

// idLength is how many hexadecimal digits identify a container.
const idLength = 64

// OfCgroup tells by a process's control groups, the lines of /proc/PID/cgroup, which container it is in. ok is false for one that
// is in none. The innermost container counts: one that runs in another is of the inner one.
func OfCgroup(text []byte) (ref Ref, ok bool) {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		_, group, _ := bytes.Cut(line, []byte{':'})
		_, path, _ := bytes.Cut(group, []byte{':'})
		if ref, ok := ofPath(string(path)); ok {
			return ref, true
		}
	}
	return Ref{}, false
}

// ofPath reads the path of one control group. Runtimes write it in two forms, that of systemd and that of directories:
//
//	/system.slice/docker-ID.scope                       /docker/ID
//	/kubepods.slice/…/cri-containerd-ID.scope           /kubepods/burstable/podUID/ID
//	/machine.slice/libpod-ID.scope/container            /libpod_parent/libpod-ID
//	/machine.slice/systemd-nspawn@NAME.service          /lxc.payload.NAME/init.scope
func ofPath(path string) (Ref, bool) {
	parts := strings.Split(path, "/")
	for i := len(parts) - 1; i > 0; i-- {
		part := strings.TrimSuffix(parts[i], ".scope")
		if ref, ok := systemContainer(parts[i-1], part); ok {
			return ref, true
		}
		prefix, id := part, ""
		if len(part) >= idLength {
			prefix, id = part[:len(part)-idLength], part[len(part)-idLength:]
		}
		if !hexadecimal(id) || strings.Contains(prefix, "conmon") { // conmon watches a container from outside
			continue
		}
		if prefix == "" {
			return Ref{Runtime: runtimeOf(parts[i-1]), ID: id}, true
		}
		if runtime := runtimeOf(strings.TrimRight(prefix, "-:")); runtime != "" {
			return Ref{Runtime: runtime, ID: id}, true
		}
	}
	return Ref{}, false
}

// systemContainer knows containers that hold a whole system and go by names.
func systemContainer(parent, part string) (Ref, bool) {
	if name, ok := strings.CutPrefix(part, "lxc.payload."); ok && name != "" {
		return Ref{"lxc", name}, true
	}
	if parent == "lxc" && part != "" {
		return Ref{"lxc", part}, true
	}
	if name, ok := strings.CutPrefix(strings.TrimSuffix(part, ".service"), "systemd-nspawn@"); ok && name != "" {
		return Ref{"nspawn", name}, true
	}
	return Ref{}, false
}

// runtimeOf gives the runtime that names control groups so: the end of a prefix counts, since systemd's slices may stand before it.
func runtimeOf(prefix string) string {
	for _, known := range [...]struct{ ending, runtime string }{
		{"docker", "docker"}, {"containerd", "containerd"}, {"nerdctl", "containerd"}, {"crio", "cri-o"}, {"libpod", "podman"}, {"podman", "podman"},
	} {
		if strings.HasSuffix(prefix, known.ending) {
			return known.runtime
		}
	}
	return ""
}

func hexadecimal(id string) bool {
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(id) == idLength
}
