// Package container holds the hidden columns by which osquery's tables on Linux look into a container. They are here so
// that statements which name them compile. This product looks into a container by scanning its root instead, so a row
// never belongs to another namespace: pid_with_namespace is 0, as osquery has it for the host's own rows, and a
// statement that asks for another process's namespace gets no row rather than the host's.
package container

import "github.com/tenantra/tenantra/tables"

// Process is embedded in rows of tables that have pid_with_namespace.
type Process struct {
	PIDWithNamespace int32 `col:"pid_with_namespace" opt:"additional,hidden" os:"linux" doc:"Process in whose namespaces the row was seen; 0 for the scanned system's own."`
}

// Mount is embedded in rows of tables that have both columns.
type Mount struct {
	Process
	MountNamespaceID tables.Null[string] `col:"mount_namespace_id" opt:"hidden" os:"linux" doc:"Mount namespace in which the row was seen; NULL for the scanned system's own."`
}

// Owner is embedded in rows that may belong to a container. All is NULL where there is none, and what the runtime's files do not
// tell is.
type Owner struct {
	ContainerID      tables.Null[string] `col:"container_id" opt:"hidden" os:"linux" doc:"Container that it runs in, as its control group names it; NULL outside of containers."`
	ContainerRuntime tables.Null[string] `col:"container_runtime" opt:"hidden" os:"linux" doc:"What runs the container: docker, containerd, cri-o, podman, lxc or nspawn; NULL where the control group does not tell."`
	ContainerName    tables.Null[string] `col:"container_name" opt:"hidden" os:"linux" doc:"Name of the container, in Kubernetes that in its pod."`
	ContainerImage   tables.Null[string] `col:"container_image" opt:"hidden" os:"linux" doc:"Image of the container, as named when it was made."`
	ContainerPod     tables.Null[string] `col:"container_pod" opt:"hidden" os:"linux" doc:"Pod of the container in Kubernetes, as namespace/name."`
}

// OwnerColumns are the columns of an Owner.
var OwnerColumns = []string{"container_id", "container_runtime", "container_name", "container_image", "container_pod"}

// OwnerOf fills an Owner with what is known of a container.
func (x *Index) OwnerOf(ref Ref) Owner {
	facts := x.Facts(ref)
	return Owner{some(ref.ID), some(ref.Runtime), some(facts.Name), some(facts.Image), some(facts.Pod)}
}

func some(text string) tables.Null[string] { return tables.Null[string]{V: text, Valid: text != ""} }
