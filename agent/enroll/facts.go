package enroll

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Facts describe this endpoint for the fleet's lists. What the system does not tell stays empty.
func Facts(version string) protocol.Facts {
	hostname, _ := os.Hostname()
	name, release := systemName()
	return protocol.Facts{Hostname: hostname, Platform: runtime.GOOS, Arch: runtime.GOARCH, OSName: name, OSVersion: release, Version: version}
}

// HardwareID tells this machine from another that runs a copy of its disk, as far as the system says. It is a hash, so
// that the machine's own identifiers stay here; "" where there are none.
func HardwareID() string {
	id := machineID()
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("tenantra/v1/hardware\x00" + id))
	return hex.EncodeToString(sum[:16])
}
