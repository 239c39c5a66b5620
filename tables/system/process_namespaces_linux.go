package system

import (
	"context"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generateProcessNamespaces(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processNamespaces) error) error {
	var row processNamespaces
	links := []struct {
		name   string
		value  *tables.Null[string]
		wanted bool
	}{
		{"ns/cgroup", &row.Cgroup, q.Wants("cgroup_namespace")}, {"ns/ipc", &row.IPC, q.Wants("ipc_namespace")},
		{"ns/mnt", &row.Mount, q.Wants("mnt_namespace")}, {"ns/net", &row.Net, q.Wants("net_namespace")},
		{"ns/pid", &row.PIDs, q.Wants("pid_namespace")}, {"ns/user", &row.User, q.Wants("user_namespace")},
		{"ns/uts", &row.UTS, q.Wants("uts_namespace")},
	}
	return eachProcess(ctx, host, q, func(p procfs.Process) error {
		row.PID = p.PID
		for _, link := range links {
			*link.value = tables.Null[string]{}
			if !link.wanted {
				continue
			}
			target, err := p.Link(link.name)
			if err != nil {
				continue
			}
			if inode, ok := procfs.ParseNamespace(target); ok {
				*link.value = tables.Some(strconv.FormatUint(inode, 10))
			}
		}
		return emit(&row)
	})
}
