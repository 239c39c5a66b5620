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
