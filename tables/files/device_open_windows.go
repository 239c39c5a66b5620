package files

import (
	"errors"
	"fmt"
	"os"
)

// openBlockDevice refuses devices: on Windows only images are read.
func openBlockDevice(path string) (*os.File, error) {
	return nil, fmt.Errorf("open %s: devices of Windows are not read: %w", path, errors.ErrUnsupported)
}
