package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/state"
)

// secretMax bounds the file with the enrol secret.
const secretMax = 4 << 10

func stateFlag() cli.Flag {
	return &cli.StringFlag{Name: "state", Usage: "the agent's state `DIR`ectory (default: /var/lib/tenantra-agent, or the user's own)", EnvVars: []string{"TENANTRA_AGENT_STATE"}}
}

func stateDir(c *cli.Context) (string, error) {
	if dir := c.String("state"); dir != "" {
		return dir, nil
	}
	return state.DefaultDir()
}

func enrollCommand() *cli.Command {
	return &cli.Command{
		Name:  "enroll",
		Usage: "make this endpoint an agent of a fleet",
		Description: "The enrol secret comes from a file or from standard input, never from the command line, where every user of\n" +
			"this machine could read it. Where enrolment fails, nothing is changed. Delete the secret's file afterwards.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "server", Usage: "the fleet's `ADDRESS`, https://host:port"},
			&cli.StringFlag{Name: "secret-file", Usage: "`FILE` with the enrol secret; - or absent: standard input"},
			&cli.BoolFlag{Name: "replace", Usage: "enrol anew, as another agent, although this endpoint is enrolled"},
			stateFlag(), hostRootFlag(),
		},
		Action: runEnroll,
	}
}

func runEnroll(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "enroll takes no argument: the secret comes from --secret-file or standard input")
	}
	if c.String("server") == "" {
		return usagef(c, "--server is missing")
	}
	log, err := newLog(c, os.Stderr, slog.LevelWarn)
	if err != nil {
		return err
	}
	root, err := hostRoot(c)
	if err != nil {
		return err
	}
	path, err := stateDir(c)
	if err != nil {
		return err
	}
	secret, err := readSecret(c.String("secret-file"))
	if err != nil {
		return err
	}
	restrictModes()
	dir, err := state.OpenDir(path, log)
	if err != nil {
		return err
	}
	lock, err := dir.Lock(c.Context, time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	result, err := enroll.Enroll(c.Context, dir, enroll.Request{
		Server: c.String("server"), Secret: secret, HardwareID: enroll.HardwareID(root), Facts: enroll.Facts(version, root), Replace: c.Bool("replace"),
	})
	if err != nil {
		return err
	}
	fmt.Printf("enrolled as agent %s of tenant %s\n", result.Identity.AgentID, result.Identity.TenantID)
	if result.Pending {
		fmt.Println("an administrator of the fleet must approve it before it is heard")
	}
	return nil
}

func readSecret(path string) (string, error) {
	in := io.Reader(os.Stdin)
	if path != "" && path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("read the enrol secret: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, secretMax))
	if err != nil {
		return "", fmt.Errorf("read the enrol secret: %w", err)
	}
	return string(text), nil
}
