package containers

import (
	"context"
	"fmt"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/procfs"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// dockerContainer is one container, running or not.
type dockerContainer struct {
	ID              string              `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the container; as the statement writes it where that is the start of one."`
	Name            string              `col:"name" opt:"index" doc:"Name of the container, with the slash before it."`
	Image           string              `col:"image" doc:"Image that it was made from, as named then."`
	ImageID         string              `col:"image_id" collate:"NOCASE" doc:"Identifier of the image."`
	Command         string              `col:"command" doc:"Command that runs in it, with credentials masked."`
	Created         int64               `col:"created" doc:"When it was made, in Unix seconds."`
	State           string              `col:"state" doc:"created, running, paused, restarting, removing, exited or dead."`
	Status          string              `col:"status" doc:"State as people read it: Up 3 days, Exited (0) 2 hours ago."`
	PID             tables.Null[int64]  `col:"pid" doc:"Its first process by the host's number; 0 where it does not run."`
	Path            tables.Null[string] `col:"path" doc:"Program that it starts."`
	ConfigEntry     tables.Null[string] `col:"config_entrypoint" doc:"Entry point of its configuration, arguments parted by commas, with credentials masked."`
	StartedAt       tables.Null[string] `col:"started_at" doc:"Last start, in RFC 3339 form."`
	FinishedAt      tables.Null[string] `col:"finished_at" doc:"Last end, in RFC 3339 form; year 1 before the first."`
	Privileged      tables.Null[int64]  `col:"privileged" type:"INTEGER" doc:"1 where it runs with all rights of the host."`
	SecurityOptions tables.Null[string] `col:"security_options" doc:"Options of security, parted by commas: apparmor=unconfined, no-new-privileges."`
	EnvVariables    tables.Null[string] `col:"env_variables" class:"content" doc:"Its environment, variables parted by commas."`
	ReadonlyRootfs  tables.Null[int64]  `col:"readonly_rootfs" type:"INTEGER" doc:"1 where its root file system is mounted read-only."`
	CgroupNS        tables.Null[string] `col:"cgroup_namespace" os:"linux" doc:"Inode number of its namespace of control groups; NULL where it does not run."`
	IPCNS           tables.Null[string] `col:"ipc_namespace" os:"linux" doc:"Inode number of its namespace of shared memory and message queues."`
	MountNS         tables.Null[string] `col:"mnt_namespace" os:"linux" doc:"Inode number of its namespace of mounts."`
	NetNS           tables.Null[string] `col:"net_namespace" os:"linux" doc:"Inode number of its network namespace."`
	PIDNS           tables.Null[string] `col:"pid_namespace" os:"linux" doc:"Inode number of its namespace of processes."`
	UserNS          tables.Null[string] `col:"user_namespace" os:"linux" doc:"Inode number of its namespace of users."`
	UTSNS           tables.Null[string] `col:"uts_namespace" os:"linux" doc:"Inode number of its namespace of host names."`
}

// DockerContainers has a row for each container. What only an inspection tells is NULL for one that went away meanwhile.
// Source: Docker Engine API, /containers/json and /containers/ID/json; /proc/PID/ns.
var DockerContainers = tables.Define[dockerContainer](tables.Spec{
	Name: "docker_containers", Doc: "Containers that Docker, or Podman's service, keeps.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{
		"SELECT name, image, state FROM docker_containers WHERE privileged = 1",
		"SELECT c.name, p.name, p.cmdline FROM docker_containers c JOIN processes p USING (pid)",
	},
}, generateDockerContainers)

// listedContainer is what the tables need of an entry of /containers/json.
type listedContainer struct {
	ID                      string `json:"Id"`
	Names                   []string
	Image, ImageID, Command string
	Created                 int64
	State, Status           string
	Labels                  map[string]string
	Ports                   []listedPort
	Mounts                  []listedMount
	NetworkSettings         struct{ Networks map[string]listedNetwork }
}

// inspectedContainer is what the tables need of /containers/ID/json.
type inspectedContainer struct {
	Path  string
	State struct {
		PID                   int64 `json:"Pid"`
		StartedAt, FinishedAt string
	}
	Config struct {
		Entrypoint, Env []string
	}
	HostConfig struct {
		Privileged, ReadonlyRootfs bool
		SecurityOpt                []string
	}
}

var listContainers = dockerList{path: "/containers/json", all: true, filter: "id"}

func generateDockerContainers(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerContainer) error) error {
	ids := q.Equal("id")
	namespaces := q.WantsAny("cgroup_namespace", "ipc_namespace", "mnt_namespace", "net_namespace", "pid_namespace", "user_namespace", "uts_namespace")
	inspects := namespaces || q.WantsAny("pid", "path", "config_entrypoint", "started_at", "finished_at", "privileged", "security_options", "env_variables", "readonly_rootfs")
	return eachListed(ctx, host, q, listContainers, func(docker *unixhttp.Client, c *listedContainer) error {
		row := dockerContainer{
			ID: askedAs(c.ID, ids), Image: c.Image, ImageID: askedAs(c.ImageID, nil), Command: mask.CommandLine(c.Command),
			Created: c.Created, State: c.State, Status: c.Status,
		}
		if len(c.Names) > 0 {
			row.Name = c.Names[0]
		}
		if inspects {
			var inspected inspectedContainer
			ok, err := inspect(ctx, host, docker, "/containers/"+c.ID+"/json", &inspected)
			if err != nil {
				return err
			}
			if ok {
				row.fill(&inspected)
			}
		}
		if namespaces && row.PID.V > 0 {
			row.fillNamespaces(host)
		}
		return emit(&row)
	})
}

func (c *dockerContainer) fill(i *inspectedContainer) {
	c.PID, c.Path = tables.Some(i.State.PID), tables.Some(i.Path)
	c.ConfigEntry = tables.Some(mask.CommandLine(strings.Join(i.Config.Entrypoint, ", ")))
	c.StartedAt, c.FinishedAt = tables.Some(i.State.StartedAt), tables.Some(i.State.FinishedAt)
	c.Privileged, c.ReadonlyRootfs = tables.Some(int64(flag(i.HostConfig.Privileged))), tables.Some(int64(flag(i.HostConfig.ReadonlyRootfs)))
	c.SecurityOptions = tables.Some(strings.Join(i.HostConfig.SecurityOpt, ", "))
	c.EnvVariables = tables.Some(strings.Join(maskedVariables(i.Config.Env), ", "))
}

// fillNamespaces looks at the first process. On macOS containers run in a virtual machine, whose processes are not there.
func (c *dockerContainer) fillNamespaces(host tables.Host) {
	for _, n := range []struct {
		name string
		into *tables.Null[string]
	}{
		{"cgroup", &c.CgroupNS}, {"ipc", &c.IPCNS}, {"mnt", &c.MountNS}, {"net", &c.NetNS}, {"pid", &c.PIDNS}, {"user", &c.UserNS}, {"uts", &c.UTSNS},
	} {
		target, err := host.Readlink(fmt.Sprintf("/proc/%d/ns/%s", c.PID.V, n.name))
		if err != nil {
			continue
		}
		if inode, ok := procfs.ParseNamespace(target); ok {
			*n.into = tables.Some(fmt.Sprint(inode))
		}
	}
}
