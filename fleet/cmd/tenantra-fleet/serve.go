package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/server"
)

func serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "run the server until it is asked to stop", ArgsUsage: " ",
		Description: "With no database named it starts a private PostgreSQL in the data directory. The first start makes the\n" +
			"account " + auth.FirstAdmin + " and prints its one-time password.",
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Flags: []cli.Flag{
			dataFlag(),
			&cli.StringFlag{Name: "listen", Value: ":8443", Usage: "`ADDRESS` of agents' endpoint, API and console", EnvVars: []string{"TENANTRA_LISTEN"}},
			&cli.StringSliceFlag{Name: "name", Usage: "host `NAME` or address under which it is reached, beside this machine's own; may be repeated", EnvVars: []string{"TENANTRA_NAMES"}},
			&cli.StringFlag{Name: "database-url", Usage: "PostgreSQL to use, as the role tenantra_app; better given by environment", EnvVars: []string{"TENANTRA_DATABASE_URL"}},
			kekFlag(),
			&cli.StringFlag{Name: "nats-url", Usage: "NATS cluster that several servers share, `ADDRESSES` separated by commas", EnvVars: []string{"TENANTRA_NATS_URL"}},
			&cli.StringFlag{Name: "nats-ca", Usage: "`FILE` of the authority that signed the cluster's certificates; with the next three needed off this machine", EnvVars: []string{"TENANTRA_NATS_CA"}},
			&cli.StringFlag{Name: "nats-cert", Usage: "`FILE` of this server's certificate for the cluster", EnvVars: []string{"TENANTRA_NATS_CERT"}},
			&cli.StringFlag{Name: "nats-key", Usage: "`FILE` (mode 0600) of its key", EnvVars: []string{"TENANTRA_NATS_KEY"}},
			&cli.StringFlag{Name: "nats-nkey", Usage: "`FILE` (mode 0600) of the seed that may use the installation's subjects", EnvVars: []string{"TENANTRA_NATS_NKEY"}},
			&cli.StringFlag{Name: "plans", Usage: "`FILE` that sets limits of the plans; what it does not name stays as it is by default", EnvVars: []string{"TENANTRA_PLANS"}},
			&cli.StringFlag{Name: "public-url", Usage: "`URL` under which people find the console, for links in mail", EnvVars: []string{"TENANTRA_PUBLIC_URL"}},
			&cli.BoolFlag{Name: "require-second-factor", Value: true, Usage: "keep MSP and super administrators from everything until they have a second factor; =false: from what is dangerous", EnvVars: []string{"TENANTRA_REQUIRE_SECOND_FACTOR"}},
		},
		Action: serve,
	}
}

func serve(c *cli.Context) error {
	if c.Args().Present() {
		return usageError{fmt.Errorf("serve takes no argument %q", c.Args().First())}
	}
	log, err := newLog(c)
	if err != nil {
		return err
	}
	running, err := server.Start(c.Context, server.Config{
		DataDir: c.String("data"), Listen: c.String("listen"), Names: c.StringSlice("name"), DatabaseURL: c.String("database-url"),
		NATSURL: c.String("nats-url"), NATS: bus.Credentials{CA: c.String("nats-ca"), Cert: c.String("nats-cert"), Key: c.String("nats-key"), Nkey: c.String("nats-nkey")}, KEKFile: c.String("kek-file"), PlansFile: c.String("plans"), PublicURL: c.String("public-url"), RequireFactor: c.Bool("require-second-factor"), Version: version, Log: log,
	})
	if err != nil {
		return err
	}
	defer running.Close()
	fmt.Fprintf(c.App.Writer, "Console:        %s\nListening on:   %s\nCA fingerprint: %s\n", running.URL(), running.Addr(), running.Fingerprint())
	if running.FirstPassword != "" {
		fmt.Fprintf(c.App.Writer, "First account:  %s\nPassword:       %s   (once, within 24 hours; a new one must be set)\n", auth.FirstAdmin, running.FirstPassword)
	}
	return running.Run(c.Context)
}
