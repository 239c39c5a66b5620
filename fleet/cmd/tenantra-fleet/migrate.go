package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
)

func migrateCommand() *cli.Command {
	return &cli.Command{
		Name: "migrate", Usage: "prepare a PostgreSQL of yours, or bring it up to date", ArgsUsage: " ",
		Description: "Makes the roles tenantra_owner, tenantra_keeper and tenantra_app, the schema, and stores the key that servers\n" +
			"authenticate their scopes with. serve does this by itself for its private database. All servers of an\n" +
			"installation share the keys directory of the data directory.",
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Flags: []cli.Flag{
			dataFlag(),
			&cli.StringFlag{Name: "database-url", Usage: "PostgreSQL to prepare, as a role that owns the database and may create roles; better given by environment", EnvVars: []string{"TENANTRA_ADMIN_URL"}},
			&cli.StringFlag{Name: "app-password-file", Usage: "`FILE` (mode 0600) with the password to give to the role tenantra_app; without it the role keeps its own"},
		},
		Action: migrate,
	}
}

func migrate(c *cli.Context) error {
	if c.Args().Present() {
		return usageError{fmt.Errorf("migrate takes no argument %q", c.Args().First())}
	}
	url := c.String("database-url")
	if url == "" {
		return usageError{errors.New("name the database with --database-url or TENANTRA_ADMIN_URL")}
	}
	keys := filepath.Join(c.String("data"), "keys")
	if err := keyfile.Dir(keys); err != nil {
		return err
	}
	setup := postgres.Setup{}
	var err error
	if setup.ScopeKey, err = keyfile.Secret(filepath.Join(keys, "scope.key"), 32); err != nil {
		return err
	}
	if file := c.String("app-password-file"); file != "" {
		password, err := keyfile.Load(file)
		if err != nil {
			return err
		}
		if setup.AppPassword = strings.TrimRight(string(password), "\r\n"); setup.AppPassword == "" {
			return fmt.Errorf("the file %s holds no password", file)
		}
	}
	if err := postgres.Migrate(c.Context, url, setup); err != nil {
		return err
	}
	fmt.Fprintln(c.App.Writer, "The database is up to date.")
	return nil
}
