package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/tenantra/tenantra/fleet/client"
)

func loginCommand() *cli.Command {
	return &cli.Command{
		Name: "login", Usage: "sign in to a server; the password is asked for, or read from standard input",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "server", Usage: "`https://HOST:PORT`", Required: true},
			&cli.StringFlag{Name: "email", Usage: "your `E-MAIL`"},
			&cli.BoolFlag{Name: "token", Usage: "with an API token instead, asked for or read from standard input"},
			&cli.StringFlag{Name: "ca-file", Usage: "certificate authority of the server, PEM"},
			&cli.StringFlag{Name: "ca-fingerprint", Usage: "SHA-256 of the authority's certificate, as the server prints it"},
			&cli.BoolFlag{Name: "new-password", Usage: "set a new password after signing in: asked for, or the second line of standard input"},
		},
		Action: func(c *cli.Context) error {
			if (c.String("email") == "") != c.Bool("token") {
				return usageError("login takes --email, or --token")
			}
			file, err := profileFile(c)
			if err != nil {
				return err
			}
			p := &profile{Server: c.String("server"), file: file}
			switch {
			case c.String("ca-file") != "":
				pem, err := os.ReadFile(c.String("ca-file"))
				if err != nil {
					return fmt.Errorf("read certificate authority: %w", err)
				}
				p.CA = string(pem)
			case c.String("ca-fingerprint") != "":
				pem, err := client.FetchCA(c.Context, p.Server, c.String("ca-fingerprint"))
				if err != nil {
					return err
				}
				p.CA = string(pem)
			}
			if c.Bool("token") {
				return loginWithToken(c, p)
			}
			fleet, err := p.connect()
			if err != nil {
				return err
			}
			defer fleet.Close()
			ask := newPrompter(c)
			password, err := ask.secret("Password: ")
			if err != nil {
				return err
			}
			tokens, err := fleet.Login(c.Context, c.String("email"), password)
			var refused *client.Error
			if errors.As(err, &refused) && refused.Code == "second_factor_required" {
				code, codeErr := ask.secret("Code: ")
				if codeErr != nil {
					return codeErr
				}
				tokens, err = fleet.LoginWithCode(c.Context, c.String("email"), password, code)
			}
			if err != nil {
				return err
			}
			if c.Bool("new-password") {
				if err := changePassword(c, ask, fleet, password); err != nil {
					return err
				}
			} else if tokens.MustChangePassword {
				return errors.New("this password is for one sign-in only: run tenantractl password, or sign in with --new-password")
			}
			return greet(c, fleet)
		},
	}
}

// greet says who is signed in.
func greet(c *cli.Context, fleet *client.Client) error {
	me, err := client.Get[client.Me](c.Context, fleet, "/me", nil)
	if err != nil {
		return err
	}
	who := me.User.Email
	if who == "" {
		who = me.User.Name
	}
	fmt.Fprintf(c.App.ErrWriter, "Signed in as %s, %s at %s.\n", who, me.Role, me.Tenant.Name)
	return nil
}

// loginWithToken keeps an API token in the profile once the server has taken it.
func loginWithToken(c *cli.Context, p *profile) error {
	token, err := newPrompter(c).secret("Token: ")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(token, apiToken) {
		return usageError("this is no API token: they begin with " + apiToken)
	}
	p.Session = client.Session{AccessToken: token}
	fleet, err := p.connect()
	if err != nil {
		return err
	}
	defer fleet.Close()
	if err := greet(c, fleet); err != nil {
		return err
	}
	return p.save()
}

func passwordCommand() *cli.Command {
	return &cli.Command{
		Name: "password", Usage: "change your password: both are asked for, or read as two lines of standard input",
		Action: func(c *cli.Context) error {
			fleet, err := signedIn(c)
			if err != nil {
				return err
			}
			defer fleet.Close()
			ask := newPrompter(c)
			current, err := ask.secret("Current password: ")
			if err != nil {
				return err
			}
			return changePassword(c, ask, fleet, current)
		},
	}
}

func changePassword(c *cli.Context, ask *prompter, fleet *client.Client, current string) error {
	next, err := ask.secret("New password: ")
	if err != nil {
		return err
	}
	return fleet.SetPassword(c.Context, current, next)
}

func logoutCommand() *cli.Command {
	return &cli.Command{
		Name: "logout", Usage: "end the session on the server and forget it here",
		Action: func(c *cli.Context) error {
			fleet, err := signedIn(c)
			if err != nil {
				return err
			}
			defer fleet.Close()
			return fleet.Logout(c.Context)
		},
	}
}

func whoamiCommand() *cli.Command {
	return &cli.Command{
		Name: "whoami", Usage: "who is signed in, where, and what that permits",
		Action: func(c *cli.Context) error {
			fleet, err := signedIn(c)
			if err != nil {
				return err
			}
			defer fleet.Close()
			me, err := client.Get[client.Me](c.Context, fleet, "/me", scope(c))
			if err != nil {
				return err
			}
			return printObject(c, *me, []column[client.Me]{
				{"user", func(m client.Me) string { return m.User.Email }},
				{"name", func(m client.Me) string { return m.User.Name }},
				{"tenant", func(m client.Me) string { return m.Tenant.Name + " (" + m.Tenant.Slug + ")" }},
				{"plan", func(m client.Me) string { return m.Tenant.Plan }},
				{"role", func(m client.Me) string { return m.Role }},
				{"permissions", func(m client.Me) string { return strings.Join(m.Permissions, " ") }},
			})
		},
	}
}

// prompter reads secrets: from a terminal without echo, else one line each from standard input. Never from arguments,
// which every user of the machine can read.
type prompter struct {
	c     *cli.Context
	lines *bufio.Reader
}

func newPrompter(c *cli.Context) *prompter {
	return &prompter{c: c, lines: bufio.NewReader(io.LimitReader(c.App.Reader, 64<<10))}
}

func (p *prompter) secret(prompt string) (string, error) {
	if file, ok := p.c.App.Reader.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(p.c.App.ErrWriter, prompt)
		text, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(p.c.App.ErrWriter)
		return string(text), err
	}
	line, err := p.lines.ReadString('\n')
	if err != nil && !(errors.Is(err, io.EOF) && line != "") {
		return "", errors.New("a password is expected on standard input")
	}
	return strings.TrimRight(line, "\r\n"), nil
}
