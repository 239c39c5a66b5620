package enroll

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Facts describe the endpoint for the fleet's lists: this system or, where an agent in a container scans its host, the one below
// root, which is "" for this one. What the system does not tell stays empty.
func Facts(version, root string) protocol.Facts {
	hostname, _ := os.Hostname()
	if name := configuredName(root); name != "" {
		hostname = name
	}
	name, release := systemName(root)
	return protocol.Facts{Hostname: hostname, Platform: runtime.GOOS, Arch: runtime.GOARCH, OSName: name, OSVersion: release, Version: version}
}

// HardwareID tells the machine of the system below root from another that runs a copy of its disk, as far as the system says. It
// is a hash, so that the machine's own identifiers stay here; "" where there are none.
func HardwareID(root string) string {
	id := machineID(root)
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("tenantra/v1/hardware\x00" + id))
	return hex.EncodeToString(sum[:16])
}
