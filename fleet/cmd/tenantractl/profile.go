package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// profile is one server's address, its certificate authority and the session there.
type profile struct {
	Server  string         `json:"server"`
	CA      string         `json:"ca,omitempty"` // PEM
	Session client.Session `json:"session"`

	file string
}

var errSignedOut = errors.New("not signed in: run tenantractl login --server https://HOST:PORT")

var profileName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

func profileFile(c *cli.Context) (string, error) {
	name := c.String("profile")
	if !profileName.MatchString(name) {
		return "", usageError(fmt.Sprintf("profile %q: use letters, digits, - and _", name))
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find configuration directory: %w", err)
	}
	return filepath.Join(dir, "tenantractl", name+".json"), nil
}

// loadProfile reads the profile; a file that others could read is refused, since it signs requests.
func loadProfile(c *cli.Context) (*profile, error) {
	file, err := profileFile(c)
	if err != nil {
		return nil, err
	}
	return readProfile(file)
}

func readProfile(file string) (*profile, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errSignedOut
	}
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("profile %s can be read by others (mode %o): run chmod 600 on it, or sign in again", file, info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	p := &profile{file: file}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("profile %s is damaged (%w): sign in again", file, err)
	}
	return p, nil
}

// save writes the profile whole or not at all.
func (p *profile) save() error {
	if err := os.MkdirAll(filepath.Dir(p.file), 0o700); err != nil {
		return fmt.Errorf("save profile: %w", err)
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("save profile: %w", err)
	}
	// CreateTemp makes the file with mode 0600.
	temporary, err := os.CreateTemp(filepath.Dir(p.file), ".profile-*")
	if err != nil {
		return fmt.Errorf("save profile: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(text)
	if err := errors.Join(err, temporary.Close()); err != nil {
		return fmt.Errorf("save profile: %w", err)
	}
	if err := os.Rename(temporary.Name(), p.file); err != nil {
		return fmt.Errorf("save profile: %w", err)
	}
	return nil
}

// connect makes the client of a profile; a renewed session is saved.
func (p *profile) connect() (*client.Client, error) {
	return client.New(client.Options{
		Server: p.Server, CA: []byte(p.CA), Session: p.Session,
		SessionChanged: func(s client.Session) {
			p.Session = s
			if err := p.save(); err != nil {
				fmt.Fprintf(os.Stderr, "Warning: %v\n", err)
			}
		},
	})
}

// signedIn gives the client of the chosen profile. A token in TENANTRA_TOKEN serves where nobody types a password; with
// TENANTRA_SERVER, and TENANTRA_CA_FILE where the server's authority is its own, no profile is needed.
func signedIn(c *cli.Context) (*client.Client, error) {
	token := os.Getenv("TENANTRA_TOKEN")
	if server := os.Getenv("TENANTRA_SERVER"); server != "" && token != "" {
		var ca []byte
		if file := os.Getenv("TENANTRA_CA_FILE"); file != "" {
			var err error
			if ca, err = os.ReadFile(file); err != nil { // #nosec G703 -- the person's own file
				return nil, fmt.Errorf("read certificate authority: %w", err)
			}
		}
		return client.New(client.Options{Server: server, CA: ca, Session: client.Session{AccessToken: token}})
	}
	p, err := loadProfile(c)
	if err != nil {
		return nil, err
	}
	if token != "" {
		return client.New(client.Options{Server: p.Server, CA: []byte(p.CA), Session: client.Session{AccessToken: token}})
	}
	if p.Session.Refresh == "" && !strings.HasPrefix(p.Session.AccessToken, apiToken) {
		return nil, errSignedOut
	}
	return p.connect()
}

// apiToken starts every API token; unlike a session's it is not renewed.
const apiToken = "tnt_"

// scope is the tenant that the command line chose, as query parameters.
func scope(c *cli.Context) url.Values {
	q := url.Values{}
	if tenant := c.String("tenant"); tenant != "" {
		q.Set("tenant", tenant)
	}
	if c.Bool("recursive") {
		q.Set("recursive", "true")
	}
	return q
}
