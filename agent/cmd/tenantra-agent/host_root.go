package main

import (
	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/agent/host"
)

// hostRootFlag is for the commands of an enrolled agent, which speak for one machine.
func hostRootFlag() cli.Flag {
	return &cli.StringFlag{Name: "root", Usage: "in a container: the host's / is mounted on `DIR`, and the host is the endpoint", EnvVars: []string{"TENANTRA_AGENT_ROOT"}}
}

// hostRoot gives the directory that the host's / is mounted on, "" for the system that this program runs in. A system at rest is
// no endpoint: it does not change, and local commands scan it.
func hostRoot(c *cli.Context) (string, error) {
	root := c.String("root")
	h, err := host.New(root, nil, nil)
	if err != nil {
		return "", err
	}
	if h.Live() {
		return "", nil
	}
	if !h.Running() {
		return "", usagef(c, "--root %s: that system does not run on this kernel, or its /proc is not mounted there; scan it by query --root or check --root", root)
	}
	return h.Root(), nil
}
