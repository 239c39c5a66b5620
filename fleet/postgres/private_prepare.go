package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/fleet/pki/keyfile"
)

func (p *Private) prepare(ctx context.Context) error {
	dir, err := filepath.Abs(p.config.Dir)
	if err != nil {
		return fmt.Errorf("find data directory: %w", err)
	}
	home := filepath.Join(dir, "postgres")
	p.data = filepath.Join(home, "data")
	if p.account, err = databaseAccount(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if err := p.account.letThrough(dir); err != nil {
		return err
	}
	if p.sockets, err = socketDir(home); err != nil {
		return err
	}
	for _, path := range []string{home, p.data, p.sockets} {
		if err := p.account.makeDir(path); err != nil {
			return err
		}
	}
	if err := p.account.checkReach(home); err != nil {
		return err
	}
	if err := keyfile.Dir(p.config.KeyDir); err != nil {
		return err
	}
	if p.adminPassword, err = password(filepath.Join(p.config.KeyDir, "postgres-admin")); err != nil {
		return err
	}
	if p.appPassword, err = password(filepath.Join(p.config.KeyDir, "postgres-app")); err != nil {
		return err
	}
	version, err := os.ReadFile(filepath.Join(p.data, "PG_VERSION"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read version of the database: %w", err)
	}
	if p.binaries, err = findBinaries(ctx, strings.TrimSpace(string(version))); err != nil {
		return err
	}
	if len(version) > 0 {
		return nil
	}
	return p.initialise(ctx)
}

func password(path string) (string, error) {
	secret, err := keyfile.Secret(path, 32)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(secret), nil
}

// socketDir is below home, or when that path is too long for a socket, in the system's directory for temporary files
// under a name that depends on home, so that the next process finds a left-over server.
func socketDir(home string) (string, error) {
	name := ".s.PGSQL." + privatePort
	dir := filepath.Join(home, "run")
	if len(filepath.Join(dir, name)) <= socketMost {
		return dir, nil
	}
	dir = filepath.Join(os.TempDir(), "tenantra-"+shortHash(home))
	if len(filepath.Join(dir, name)) > socketMost {
		return "", fmt.Errorf("data directory %s is too deep for a Unix socket: choose a shorter path", home)
	}
	return dir, nil
}

// initialise makes the database cluster. It is made beside its final place and renamed, so that a kill in the middle
// leaves nothing that looks complete.
func (p *Private) initialise(ctx context.Context) error {
	started := time.Now()
	fresh := p.data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear unfinished database: %w", err)
	}
	secret := filepath.Join(filepath.Dir(p.data), ".password")
	if err := p.account.writeFile(secret, []byte(p.adminPassword+"\n")); err != nil {
		return err
	}
	defer os.Remove(secret)
	args := []string{"--pgdata=" + fresh, "--username=" + superuser, "--pwfile=" + secret, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-instructions"}
	if p.config.Settings["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(p.binaries, exeName("initdb")), args...) // #nosec G204 -- PostgreSQL's own program, found by us
	p.environment(cmd)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the database with initdb: %w: %s", err, lastLine(output))
	}
	if err := os.Remove(p.data); err != nil && !errors.Is(err, fs.ErrNotExist) { // the empty directory
		return fmt.Errorf("clear database directory: %w", err)
	}
	if err := os.Rename(fresh, p.data); err != nil {
		return fmt.Errorf("put the new database in place: %w", err)
	}
	p.log.InfoContext(ctx, "made a private database", "dir", p.data, "duration_ms", time.Since(started).Milliseconds())
	return nil
}

// environment gives a child nothing of ours but what it needs, and the unprivileged account.
func (p *Private) environment(cmd *exec.Cmd) {
	cmd.Dir = filepath.Dir(p.data)
	cmd.Env = childEnvironment()
	p.account.apply(cmd)
}

// settings of the private server. Connections come through the socket alone; no statement's parameters are logged.
func (p *Private) settings() []string {
	settings := map[string]string{
		"listen_addresses":                  "",
		"port":                              privatePort,
		"unix_socket_directories":           p.sockets,
		"unix_socket_permissions":           "0700",
		"password_encryption":               "scram-sha-256",
		"max_connections":                   "60",
		"shared_buffers":                    "128MB",
		"logging_collector":                 "off",
		"log_destination":                   "stderr",
		"log_line_prefix":                   "",
		"log_min_error_statement":           "panic",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"timezone":                          "UTC",
		"log_timezone":                      "UTC",
	}
	maps.Copy(settings, p.config.Settings)
	args := []string{"-D", p.data}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

func lastLine(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return lines[len(lines)-1]
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
