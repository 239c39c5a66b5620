package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/pki/keyfile"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/server"
)

func keysCommand() *cli.Command {
	return &cli.Command{
		Name: "keys", Usage: "change the keys that seal secrets in the database",
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Subcommands: []*cli.Command{{
			Name: "rotate", Usage: "give tenants new keys, or wrap their keys with a new key-encryption key", ArgsUsage: " ",
			Description: "Without --kek each tenant gets a new key and its secrets are sealed anew with it; with --lazy the servers do\n" +
				"that within two hours. With --kek the tenants' keys stay and are wrapped with the key in FILE, which is made where\n" +
				"it is missing; the key file then holds that key alone. Servers go on meanwhile. A run that was interrupted is done\n" +
				"again with the same words.",
			OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
			Flags: []cli.Flag{
				dataFlag(), kekFlag(),
				&cli.StringFlag{Name: "database-url", Usage: "PostgreSQL, as the role tenantra_app; without it the private one of the server that runs", EnvVars: []string{"TENANTRA_DATABASE_URL"}},
				&cli.StringFlag{Name: "kek", Usage: "wrap with the key in `FILE`"},
				&cli.IntSliceFlag{Name: "tenant", Usage: "`NUMBER` of a tenant in the database; may be repeated; all without it"},
				&cli.BoolFlag{Name: "lazy", Usage: "leave sealing anew to the servers"},
			},
			Action: rotateKeys,
		}},
	}
}

func kekFlag() cli.Flag {
	return &cli.StringFlag{Name: "kek-file", Usage: "`FILE` (mode 0600) of the key-encryption key; keys/kek in the data directory without it", EnvVars: []string{"TENANTRA_KEK_FILE"}}
}

func rotateKeys(c *cli.Context) error {
	if c.Args().Present() {
		return usageError{fmt.Errorf("rotate takes no argument %q", c.Args().First())}
	}
	if c.String("kek") != "" && (c.IsSet("tenant") || c.Bool("lazy")) {
		return usageError{errors.New("--kek is for all tenants, at once: leave --tenant and --lazy out")}
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
	all := func(ctx context.Context) ([]int32, error) { return db.Subtree(ctx, postgres.RootTenant) }
	rotator := &pki.Rotator{Sealer: pki.NewSealer(db, kek, time.Now), Columns: server.SealedColumns(), Tenants: all, Log: log}
	if next := c.String("kek"); next != "" {
		n, err := rotator.Rewrap(c.Context, next)
		if err != nil {
			return fmt.Errorf("%w (after %d keys; run it again)", err, n)
		}
		fmt.Fprintf(c.App.Writer, "%d tenant keys are wrapped anew.\n", n)
		return nil
	}
	var tenants []int32
	for _, tenant := range c.IntSlice("tenant") {
		tenants = append(tenants, int32(tenant)) // #nosec G115 -- one that does not fit is no tenant
	}
	if len(tenants) == 0 {
		if tenants, err = all(c.Context); err != nil {
			return err
		}
	}
	sealed := 0
	for _, tenant := range tenants {
		if err := rotator.Renew(c.Context, tenant); err != nil {
			return err
		}
		if c.Bool("lazy") {
			continue
		}
		n, err := rotator.Reseal(c.Context, tenant)
		if err != nil {
			return err
		}
		sealed += n
	}
	fmt.Fprintf(c.App.Writer, "%d tenants have new keys; %d secrets are sealed anew.\n", len(tenants), sealed)
	return nil
}

// openKeys connects as the servers do, with their keys.
func openKeys(c *cli.Context) (*postgres.DB, *pki.KEK, error) {
	keys := filepath.Join(c.String("data"), "keys")
	file := c.String("kek-file")
	if file == "" {
		file = filepath.Join(keys, "kek")
	}
	for _, needed := range []string{filepath.Join(keys, "scope.key"), file} { // keys made here would fit nothing
		if _, err := keyfile.Load(needed); err != nil {
			return nil, nil, err
		}
	}
	scopeKey, err := keyfile.Secret(filepath.Join(keys, "scope.key"), 32)
	if err != nil {
		return nil, nil, err
	}
	url := c.String("database-url")
	if url == "" {
		if url, err = postgres.RunningURL(c.String("data"), keys); err != nil {
			return nil, nil, err
		}
	}
	kek, err := pki.OpenKEK(file)
	if err != nil {
		return nil, nil, err
	}
	db, err := postgres.Open(c.Context, postgres.Config{URL: url, ScopeKey: scopeKey, Wait: time.Second})
	if err != nil {
		return nil, nil, fmt.Errorf("%w (does the server of this data directory run?)", err)
	}
	return db, kek, nil
}
