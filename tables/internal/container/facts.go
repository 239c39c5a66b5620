package container

import (
	"context"
	"encoding/json"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// Facts are what the runtime's own files tell of a container; empty is what they do not tell.
type Facts struct {
	Name  string // as people call it, without a slash before it; in Kubernetes the name in its pod
	Image string // as it was named when the container was made
	Pod   string // namespace/name in Kubernetes
}

// Where runtimes keep what they know. All of it is root's: the files of a user's own Podman are left out, since whoever writes
// them may claim any container.
const (
	dockerContainers = "/var/lib/docker/containers"
	containerdTasks  = "/run/containerd/io.containerd.runtime.v2.task/*"
	storedContainers = "/var/lib/containers/storage/*-containers/containers.json"
)

// Index looks containers up, each once in a statement.
type Index struct {
	ctx    context.Context
	host   tables.Host
	known  map[string]Facts
	stored map[string]Facts // of Podman and CRI-O; nil until one is asked for
}

type indexKey struct{}

// IndexOf gives the index of a statement.
func IndexOf(ctx context.Context, host tables.Host, q *tables.Query) (*Index, error) {
	return tables.Cached(q.Cache(), indexKey{}, func() (*Index, error) {
		return &Index{ctx: ctx, host: host, known: map[string]Facts{}}, nil
	})
}

// Facts gives what is known of a container. Runtimes whose files may not be read tell nothing.
func (x *Index) Facts(ref Ref) Facts {
	if ref.Runtime == "lxc" || ref.Runtime == "nspawn" {
		return Facts{Name: ref.ID}
	}
	facts, known := x.known[ref.ID]
	if !known {
		facts = x.find(ref)
		x.known[ref.ID] = facts
	}
	return facts
}

func (x *Index) find(ref Ref) Facts {
	if ref.Runtime == "docker" || ref.Runtime == "" {
		if facts, ok := x.docker(ref.ID); ok {
			return facts
		}
	}
	if ref.Runtime == "containerd" || ref.Runtime == "" {
		if facts, ok := x.containerd(ref.ID); ok {
			return facts
		}
	}
	if x.stored == nil {
		x.readStored()
	}
	return x.stored[ref.ID]
}

// dockerConfig is what matters of config.v2.json.
type dockerConfig struct {
	Name   string
	Config struct{ Image string }
}

func (x *Index) docker(id string) (Facts, bool) {
	data, err := x.host.ReadFile(path.Join(dockerContainers, id, "config.v2.json"))
	if err != nil {
		return Facts{}, false
	}
	var config dockerConfig
	if err := json.Unmarshal(data, &config); err != nil {
		hostfile.Skipped(x.ctx, x.host, path.Join(dockerContainers, id), err)
		return Facts{}, false
	}
	facts := named(strings.TrimPrefix(config.Name, "/"))
	facts.Image = config.Config.Image
	return facts, true
}

// containerd reads the container's OCI configuration, whose annotations the CRI plugin and nerdctl write.
func (x *Index) containerd(id string) (Facts, bool) {
	files, err := x.host.Glob(containerdTasks + "/" + id + "/config.json")
	if err != nil || len(files) == 0 {
		return Facts{}, false
	}
	data, ok := hostfile.OneOfMany(x.ctx, x.host, files[0])
	if !ok {
		return Facts{}, false
	}
	var config struct{ Annotations map[string]string }
	if err := json.Unmarshal(data, &config); err != nil {
		hostfile.Skipped(x.ctx, x.host, files[0], err)
		return Facts{}, false
	}
	const cri = "io.kubernetes.cri."
	a := config.Annotations
	facts := Facts{Name: a[cri+"container-name"], Image: a[cri+"image-name"], Pod: pod(a[cri+"sandbox-namespace"], a[cri+"sandbox-name"])}
	if facts.Name == "" && a[cri+"container-type"] == "sandbox" {
		facts.Name = "POD"
	}
	if facts.Name == "" {
		facts.Name = a["nerdctl/name"]
	}
	return facts, true
}

// storedContainer is an entry of containers.json, which Podman and CRI-O share.
type storedContainer struct {
	ID       string
	Names    []string
	Metadata string // JSON in a string
}

func (x *Index) readStored() {
	x.stored = map[string]Facts{}
	files, err := x.host.Glob(storedContainers)
	if err != nil {
		return
	}
	for _, file := range files {
		data, ok := hostfile.OneOfMany(x.ctx, x.host, file)
		if !ok {
			continue
		}
		var list []storedContainer
		if err := json.Unmarshal(data, &list); err != nil {
			hostfile.Skipped(x.ctx, x.host, file, err)
			continue
		}
		for _, c := range list {
			var metadata struct {
				Image string `json:"image-name"`
			}
			_ = json.Unmarshal([]byte(c.Metadata), &metadata) // without it the image stays unknown
			facts := Facts{}
			if len(c.Names) > 0 {
				facts = named(c.Names[0])
			}
			facts.Image = metadata.Image
			x.stored[c.ID] = facts
		}
	}
}

// named reads a container's name. Those that Kubernetes makes are k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT.
func named(name string) Facts {
	if parts := strings.Split(name, "_"); len(parts) == 6 && parts[0] == "k8s" {
		return Facts{Name: parts[1], Pod: pod(parts[3], parts[2])}
	}
	return Facts{Name: name}
}

func pod(namespace, name string) string {
	if namespace == "" || name == "" {
		return ""
	}
	return namespace + "/" + name
}
