package system

import "github.com/tenantra/tenantra/tables"

// processNamespaces are the namespaces of a process; NULL where they may not be read.
type processNamespaces struct {
	PID    int64               `col:"pid" type:"INTEGER" opt:"index" doc:"Process number."`
	Cgroup tables.Null[string] `col:"cgroup_namespace" doc:"Inode number of the namespace of control groups."`
	IPC    tables.Null[string] `col:"ipc_namespace" doc:"Inode number of the namespace of System V objects and message queues."`
	Mount  tables.Null[string] `col:"mnt_namespace" doc:"Inode number of the namespace of mounts."`
	Net    tables.Null[string] `col:"net_namespace" doc:"Inode number of the namespace of the network."`
	PIDs   tables.Null[string] `col:"pid_namespace" doc:"Inode number of the namespace of process numbers."`
	User   tables.Null[string] `col:"user_namespace" doc:"Inode number of the namespace of users."`
	UTS    tables.Null[string] `col:"uts_namespace" doc:"Inode number of the namespace of the host name."`
}

// ProcessNamespaces has one row for each process.
// Source: /proc/PID/ns, namespaces(7).
var ProcessNamespaces = tables.Define[processNamespaces](tables.Spec{
	Name: "process_namespaces", Doc: "Namespaces of processes; those in containers have others than process 1.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT p.name, n.net_namespace FROM process_namespaces n JOIN processes p USING (pid)",
		"SELECT mnt_namespace, count(*) AS processes FROM process_namespaces GROUP BY mnt_namespace",
	},
}, generateProcessNamespaces)
