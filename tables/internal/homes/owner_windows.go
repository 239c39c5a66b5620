package homes

import (
	"io/fs"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables/internal/sid"
)

// owner of a file: an image that lies on Windows tells none, so that all of it counts as the unpacker's.
func owner(fs.FileInfo) uint32 { return noOne }

// currentUser is the last number of the identifier of the user that runs the agent.
func currentUser() uint32 {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return noOne
	}
	rid, ok := sid.RID(user.User.Sid.String())
	if !ok {
		return noOne
	}
	return rid
}
