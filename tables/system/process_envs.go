package system

import (
	"bytes"

	"github.com/tenantra/tenantra/tables"
)

// processEnv is one variable in the environment of a process.
type processEnv struct {
	PID   int64  `col:"pid" type:"INTEGER" opt:"index" doc:"Process number."`
	Key   string `col:"key" class:"content" doc:"Name of the variable."`
	Value string `col:"value" class:"content" doc:"Value of the variable, as it was when the program started; credentials are masked."`
}

// ProcessEnvs has one row for each variable of each process.
// Source: /proc/PID/environ on Linux, proc(5); the first mebibyte of it. KERN_PROCARGS2 on macOS, sysctl(3).
var ProcessEnvs = tables.Define[processEnv](tables.Spec{
	Name: "process_envs", Doc: "Environment variables of processes.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT p.name, e.value FROM process_envs e JOIN processes p USING (pid) WHERE e.key = 'LD_PRELOAD'",
		"SELECT key, value FROM process_envs WHERE pid = 1",
	},
}, generateProcessEnvs)

// cutVariable cuts the first NAME=VALUE off a block of variables that end in NUL. Programs may overwrite the block, so a
// part without = is a name without value. It is false at the end.
func cutVariable(block []byte) (key, value, rest []byte, ok bool) {
	block = bytes.TrimLeft(block, "\x00")
	if len(block) == 0 {
		return nil, nil, nil, false
	}
	variable, rest, _ := bytes.Cut(block, []byte{0})
	key, value, _ = bytes.Cut(variable, []byte{'='})
	return key, value, rest, true
}
