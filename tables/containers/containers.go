package containers

import "github.com/tenantra/tenantra/tables"

// runningContainer is a container that has processes.
type runningContainer struct {
	ID        string              `col:"id" doc:"Identifier as its control group has it; for lxc and nspawn its name."`
	Runtime   tables.Null[string] `col:"runtime" doc:"docker, containerd, cri-o, podman, lxc or nspawn; NULL where the control group does not tell."`
	Name      tables.Null[string] `col:"name" doc:"Name of the container, in Kubernetes that in its pod; NULL where the runtime's files do not tell."`
	Image     tables.Null[string] `col:"image" doc:"Image that it was made from, as named then."`
	Pod       tables.Null[string] `col:"pod" doc:"Its pod in Kubernetes, as namespace/name."`
	PID       int64               `col:"pid" doc:"Lowest number of its processes, as the host counts them."`
	Processes int64               `col:"processes" doc:"How many processes it has."`
}

// Containers has a row for each container that has processes, whichever runtime started it. It asks no daemon: those that do not run
// are in the tables of the runtimes, such as docker_containers.
// Source: /proc/PID/cgroup, and the files of Docker, containerd, CRI-O and Podman.
var Containers = tables.DefineByPlatform(tables.Spec{
	Name: "containers", Doc: "Running containers of all runtimes, told by control groups.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT runtime, pod, name, image FROM containers",
		"SELECT c.name, c.image, l.port FROM containers c JOIN processes p ON p.container_id = c.id JOIN listening_ports l USING (pid) WHERE l.port > 0",
	},
}, tables.Generators[runningContainer]{}.OnBuild(generateContainers))
