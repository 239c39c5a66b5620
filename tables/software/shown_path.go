package software

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// shownPath writes a path of the host as its people do: on Windows, where both slashes serve, with backslashes.
func shownPath(host tables.Host, name string) string {
	if host.Platform() == tables.Windows {
		return strings.ReplaceAll(name, "/", `\`)
	}
	return name
}
