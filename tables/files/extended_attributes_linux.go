package files

import "golang.org/x/sys/unix"

// errNoAttribute says that a file lacks an attribute.
const errNoAttribute = unix.ENODATA
