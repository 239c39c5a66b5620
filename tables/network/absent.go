package network

import (
	"errors"
	"io/fs"
)

// absent turns the absence of a source into no rows.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
