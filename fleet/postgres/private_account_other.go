//go:build !unix

package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// account is always nil here: PostgreSQL runs as we do.
type account struct{}

func databaseAccount() (*account, error) { return nil, nil }

func (*account) apply(cmd *exec.Cmd) { cmd.SysProcAttr = processAttributes() }

func (*account) letThrough(string) error { return nil }

func (*account) makeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make database directory: %w", err)
	}
	return nil
}

func (*account) writeFile(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write for the database: %w", err)
	}
	return nil
}

func (*account) checkReach(string) error { return nil }
