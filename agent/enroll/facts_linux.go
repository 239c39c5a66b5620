package enroll

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
)

// systemName reads os-release(5).
func systemName() (name, release string) {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "", ""
	}
	return parseOSRelease(text)
}

func parseOSRelease(text []byte) (name, release string) {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), "=")
		if unquoted, err := strconv.Unquote(value); err == nil {
			value = unquoted
		}
		switch key {
		case "NAME":
			name = value
		case "VERSION_ID":
			release = value
		}
	}
	return name, release
}

// machineID joins what the firmware and the installation call the machine; the former needs root to be read.
func machineID() string {
	var id []byte
	for _, path := range []string{"/sys/class/dmi/id/product_uuid", "/etc/machine-id"} {
		if text, err := os.ReadFile(path); err == nil {
			id = append(append(id, bytes.TrimSpace(text)...), 0)
		}
	}
	return string(id)
}
