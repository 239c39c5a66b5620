package state

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// Dir is the agent's state directory, which only the agent's account can read.
type Dir struct{ path string }

// DefaultDir is /var/lib/tenantra-agent, %ProgramData%\Tenantra\agent, or, for an ordinary user, a directory below the
// user's own state.
func DefaultDir() (string, error) {
	if runtime.GOOS == "windows" {
		if base := os.Getenv("ProgramData"); base != "" {
			return filepath.Join(base, "Tenantra", "agent"), nil
		}
		return "", errors.New("no state directory: %ProgramData% is not set, name one with --state")
	}
	if os.Geteuid() == 0 {
		return "/var/lib/tenantra-agent", nil
	}
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "tenantra", "agent"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no state directory, name one with --state: %w", err)
	}
	return filepath.Join(home, ".local", "state", "tenantra", "agent"), nil
}

// OpenDir opens the state directory, making it where it is absent. Wider modes are repaired and logged; a directory that
// is a link or belongs to somebody else is refused.
func OpenDir(path string, log *slog.Logger) (Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Dir{}, fmt.Errorf("state directory: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { // #nosec G301 -- the parents are ordinary directories
		return Dir{}, fmt.Errorf("state directory: %w", err)
	}
	if err := makePrivate(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Dir{}, fmt.Errorf("state directory: %w", err)
	}
	if err := secure(path, log); err != nil {
		return Dir{}, err
	}
	return Dir{path}, nil
}

// ExistingDir gives a state directory as it is, for reading.
func ExistingDir(path string) Dir { return Dir{path} }

// Path is the directory's own path.
func (d Dir) Path() string { return d.path }

// file is the path of a file in the directory.
func (d Dir) file(name string) string { return filepath.Join(d.path, name) }

// ReadFile reads a file of the directory.
func (d Dir) ReadFile(name string) ([]byte, error) {
	data, err := os.ReadFile(d.file(name))
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return data, nil
}

// WriteFile replaces a file of the directory whole: after a crash it is the old one or the new one.
func (d Dir) WriteFile(name string, data []byte) error {
	var suffix [8]byte
	rand.Read(suffix[:])
	temporary := d.file(name + "." + hex.EncodeToString(suffix[:]))
	if err := writeSynced(temporary, data); err != nil {
		os.Remove(temporary)
		return fmt.Errorf("state: write %s: %w", name, err)
	}
	if err := os.Rename(temporary, d.file(name)); err != nil {
		os.Remove(temporary)
		return fmt.Errorf("state: write %s: %w", name, err)
	}
	return syncDir(d.path)
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
