package postgres

import (
	"fmt"
	"path/filepath"
)

// RunningURL gives the connection URL of the app role of a private server that another process has started below dir, for
// commands that work beside it. Whether it runs shows when it is connected to.
func RunningURL(dir, keyDir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find data directory: %w", err)
	}
	p := &Private{}
	if p.sockets, err = socketDir(filepath.Join(dir, "postgres")); err != nil {
		return "", err
	}
	if p.appPassword, err = password(filepath.Join(keyDir, "postgres-app")); err != nil {
		return "", err
	}
	return p.AppURL(), nil
}
