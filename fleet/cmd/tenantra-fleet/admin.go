package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/pki"
)

func adminCommand() *cli.Command {
	return &cli.Command{
		Name: "admin", Usage: "look after the installation's own accounts, on the server's machine",
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Subcommands: []*cli.Command{{
			Name: "rescue", Usage: "let an administrator in again when nobody else can", ArgsUsage: "[EMAIL]",
			Description: "The account, " + auth.FirstAdmin + " where none is named, is active and a SUPER_ADMIN again, without second factor; its\n" +
				"sessions end, and it has the one-time password that is printed. It is in the audit log of the root tenant.\n" +
				"The private database must run: start the server first.",
			OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
			Flags: []cli.Flag{
				dataFlag(), kekFlag(),
				&cli.StringFlag{Name: "database-url", Usage: "PostgreSQL, as the role tenantra_app; without it the private one of the server that runs", EnvVars: []string{"TENANTRA_DATABASE_URL"}},
			},
			Action: rescue,
		}},
	}
}

func rescue(c *cli.Context) error {
	if c.NArg() > 1 {
		return usageError{fmt.Errorf("rescue takes one e-mail address, not %d", c.NArg())}
	}
	email := auth.FirstAdmin
	if c.NArg() == 1 {
		email = c.Args().First()
	}
	log, err := newLog(c)
	if err != nil {
		return err
	}
	db, kek, err := openKeys(c)
	if err != nil {
		return err
	}
	defer db.Close()
	accounts, err := auth.New(db, auth.Config{KeyDir: filepath.Join(c.String("data"), "keys"), Sealer: pki.NewSealer(db, kek, time.Now), Log: log})
	if err != nil {
		return err
	}
	password, err := accounts.Rescue(c.Context, email)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.App.Writer, "Account:   %s\nPassword:  %s   (once, within 24 hours; a new one must be set)\n", email, password)
	return nil
}
