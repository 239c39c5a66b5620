package system

import "github.com/tenantra/tenantra/tables"

// namedPipe is one named pipe.
type namedPipe struct {
	PID          tables.Null[int64]  `col:"pid" opt:"index" doc:"Process that serves the pipe; 0 where it is not known."`
	Name         string              `col:"name" doc:"Name of the pipe."`
	Instances    int32               `col:"instances" doc:"Instances that there are."`
	MaxInstances int32               `col:"max_instances" doc:"Instances that there may be; 255 is no limit."`
	Flags        tables.Null[string] `col:"flags" doc:"PIPE_SERVER_END or PIPE_CLIENT_END, and PIPE_TYPE_BYTE or PIPE_TYPE_MESSAGE, joined by commas."`
}

// Pipes has a row for each pipe.
// Source: the directory \\.\pipe.
var Pipes = tables.Define[namedPipe](tables.Spec{
	Name: "pipes", Doc: "Named pipes and the processes that serve them.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT name, instances FROM pipes WHERE name LIKE 'msagent_%'"},
}, generatePipes)
