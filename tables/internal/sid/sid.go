// Package sid reads security identifiers of Windows and answers whom they mean.
package sid

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// authoritiesMax is the most sub-authorities that an identifier may have.
const authoritiesMax = 15

// Parse reads the binary form at the start of data and gives the text form S-1-… with the bytes that it took.
func Parse(data []byte) (text string, length int, ok bool) {
	if len(data) < 8 || data[0] != 1 || data[1] > authoritiesMax || len(data) < 8+4*int(data[1]) {
		return "", 0, false
	}
	length = 8 + 4*int(data[1])
	authority := binary.BigEndian.Uint64(append([]byte{0, 0}, data[2:8]...))
	text = "S-1-" + strconv.FormatUint(authority, 10)
	for rest := data[8:length]; len(rest) > 0; rest = rest[4:] {
		text += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(rest)), 10)
	}
	return text, length, true
}

// RID gives the last number of an identifier, which names an account in its domain.
func RID(id string) (uint32, bool) {
	i := strings.LastIndexByte(id, '-')
	if i < 0 || !strings.HasPrefix(id, "S-1-") {
		return 0, false
	}
	rid, err := strconv.ParseUint(id[i+1:], 10, 32)
	return uint32(rid), err == nil
}

// wellKnown are the identifiers that mean the same on every machine.
var wellKnown = map[string]string{
	"S-1-0-0": "NULL SID", "S-1-1-0": "Everyone", "S-1-2-0": "LOCAL", "S-1-3-0": "CREATOR OWNER", "S-1-3-1": "CREATOR GROUP",
	"S-1-5-2": "NETWORK", "S-1-5-3": "BATCH", "S-1-5-4": "INTERACTIVE", "S-1-5-6": "SERVICE", "S-1-5-7": "ANONYMOUS LOGON",
	"S-1-5-11": "Authenticated Users", "S-1-5-18": "SYSTEM", "S-1-5-19": "LOCAL SERVICE", "S-1-5-20": "NETWORK SERVICE",
	"S-1-5-32-544": "Administrators", "S-1-5-32-545": "Users", "S-1-5-32-546": "Guests", "S-1-5-32-547": "Power Users",
	"S-1-5-32-551": "Backup Operators", "S-1-5-32-555": "Remote Desktop Users", "S-1-15-2-1": "ALL APPLICATION PACKAGES",
	"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464": "TrustedInstaller",
}

// Name gives the name of an identifier that means the same on every machine.
func Name(id string) (string, bool) {
	name, ok := wellKnown[id]
	return name, ok
}

// Special tells whether an identifier is that of a service account, of which every machine has the same three.
func Special(id string) bool { return id == "S-1-5-18" || id == "S-1-5-19" || id == "S-1-5-20" }
