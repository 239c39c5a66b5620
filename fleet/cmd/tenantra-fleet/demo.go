package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/server"
)

// demoPeople is who the demo makes beside the first administrator: one of the MSP, one of a customer.
var demoPeople = []struct{ email, name, role, tenant string }{
	{"mara@contoso.example", "Mara Reyes", "MSP_ADMIN", "contoso"},
	{"dana@northwind.example", "Dana Ito", "ADMIN", "northwind"},
}

func demoCommand() *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "run a server with an MSP, its customers and a real agent of this machine, in a folder that goes when it stops",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "`ADDRESS` to serve on", Value: "127.0.0.1:8443"},
			&cli.StringFlag{Name: "agent", Usage: "`FILE` of the agent's program", Value: besideThis("tenantra-agent")},
			&cli.StringFlag{Name: "password-file", Usage: "write the first administrator's new password to `FILE`, mode 0600, for scripts"},
		},
		Action: func(c *cli.Context) error {
			log, err := newLog(c)
			if err != nil {
				return err
			}
			return demo(c, log)
		},
	}
}

func besideThis(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	self, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(self), name)
}

func demo(c *cli.Context, log *slog.Logger) error {
	began := time.Now()
	if _, err := os.Stat(c.String("agent")); err != nil {
		return fmt.Errorf("the agent's program is missing (%w): run make build, or name it with --agent", err)
	}
	dir, err := os.MkdirTemp("", "tenantra-demo-")
	if err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	defer os.RemoveAll(dir)
	// As root the database runs under another account, which must pass through.
	if err := os.Chmod(dir, 0o711); err != nil { // #nosec G302 -- a folder to pass through; what is in it has its own modes
		return fmt.Errorf("open demo folder: %w", err)
	}
	config := server.Config{DataDir: filepath.Join(dir, "fleet"), Listen: c.String("listen"), Version: version, Log: log}
	// A demo is gone when it stops: it need not survive a power cut.
	config.DatabaseSettings = map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
	s, err := server.Start(c.Context, config)
	if err != nil {
		return err
	}
	defer s.Close()
	group, ctx := errgroup.WithContext(c.Context)
	group.Go(func() error { return s.Run(ctx) })
	group.Go(func() error {
		d := &demonstration{dir: dir, server: s, agent: c.String("agent"), log: log}
		if err := d.prepare(ctx); err != nil {
			return err
		}
		if file := c.String("password-file"); file != "" {
			if err := os.WriteFile(file, []byte(d.password+"\n"), 0o600); err != nil {
				return fmt.Errorf("write password: %w", err)
			}
		}
		d.tell(c, time.Since(began))
		return d.runAgent(ctx)
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// demonstration is what the demo makes, by the same API as everybody's.
type demonstration struct {
	dir, agent string
	server     *server.Server
	log        *slog.Logger

	password string // of the first administrator
	people   []string
}

func (d *demonstration) prepare(ctx context.Context) error {
	ca, err := os.ReadFile(filepath.Join(d.dir, "fleet", "ca.pem"))
	if err != nil {
		return fmt.Errorf("read certificate authority: %w", err)
	}
	fleet, err := client.New(client.Options{Server: d.server.URL(), CA: ca})
	if err != nil {
		return err
	}
	defer fleet.Close()
	if _, err := fleet.Login(ctx, auth.FirstAdmin, d.server.FirstPassword); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	// The one-time password is changed to another random one, so that what is printed opens the console at once.
	d.password = rand.Text()
	if err := fleet.SetPassword(ctx, d.server.FirstPassword, d.password); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	for _, t := range []struct{ parent, slug, name, plan string }{
		{"root", "contoso", "Contoso MSP", "enterprise"},
		{"contoso", "northwind", "Northwind Health", "pro"},
		{"contoso", "fabrikam", "Fabrikam Industries", "basic"},
		{"northwind", "northwind-berlin", "Berlin", "pro"},
	} {
		body := map[string]any{"name": t.name, "slug": t.slug, "plan": t.plan}
		if err := fleet.Do(ctx, http.MethodPost, "/tenants", in(t.parent), body, nil); err != nil {
			return fmt.Errorf("make tenant %s: %w", t.name, err)
		}
	}
	for _, p := range demoPeople {
		var made struct {
			Password string `json:"one_time_password"`
		}
		body := map[string]any{"email": p.email, "name": p.name, "role": p.role}
		if err := fleet.Do(ctx, http.MethodPost, "/users", in(p.tenant), body, &made); err != nil {
			return fmt.Errorf("make %s: %w", p.name, err)
		}
		d.people = append(d.people, fmt.Sprintf("%s (%s at %s): %s", p.email, p.role, p.tenant, made.Password))
	}
	var secret client.EnrollSecret
	body := map[string]any{"expires_in_hours": 1, "max_uses": 10, "tags": []string{"demo"}}
	if err := fleet.Do(ctx, http.MethodPost, "/enroll-secrets", in("northwind"), body, &secret); err != nil {
		return fmt.Errorf("make enrol secret: %w", err)
	}
	return d.enroll(ctx, secret.Secret)
}

func in(tenant string) url.Values { return url.Values{"tenant": {tenant}} }

func (d *demonstration) state() string { return filepath.Join(d.dir, "agent") }

// command is the agent's program, asked to stop when ctx ends and ended when it does not.
func (d *demonstration) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.agent, args...) // #nosec G204 -- the operator names the program
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func (d *demonstration) enroll(ctx context.Context, secret string) error {
	cmd := d.command(ctx, "enroll", "--server", d.server.URL(), "--state", d.state())
	cmd.Stdin = strings.NewReader(secret + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("enrol the agent: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (d *demonstration) runAgent(ctx context.Context) error {
	cmd := d.command(ctx, "--log-level", "warn", "run", "--trust-install-dir", "--state", d.state())
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("agent: %w", err)
	}
	return ctx.Err()
}

func (d *demonstration) tell(c *cli.Context, took time.Duration) {
	w := c.App.Writer
	fmt.Fprintf(w, "\nTenantra runs after %.1f s: an MSP with two customers, and an agent of this machine.\n\n", took.Seconds())
	fmt.Fprintf(w, "  Console    %s/t/northwind/agents\n", d.server.URL())
	fmt.Fprintf(w, "  Sign in    %s\n  Password   %s\n", auth.FirstAdmin, d.password)
	fmt.Fprintf(w, "  CLI        bin/tenantractl login --server %s --email %s --ca-fingerprint sha256:%s\n", d.server.URL(), auth.FirstAdmin, d.server.Fingerprint())
	fmt.Fprintf(w, "             bin/tenantractl --tenant northwind query 'SELECT name, pid FROM processes LIMIT 5'\n")
	fmt.Fprintf(w, "\nOther people, each with a password for one sign-in:\n")
	for _, p := range d.people {
		fmt.Fprintf(w, "  %s\n", p)
	}
	fmt.Fprintf(w, "\nThe browser warns of the certificate: its authority is %s.\nCtrl-C stops everything and removes the demo's data.\n\n", filepath.Join(d.dir, "fleet", "ca.pem"))
}
