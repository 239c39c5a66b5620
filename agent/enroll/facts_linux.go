package enroll

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"

	securejoin "github.com/cyphar/filepath-securejoin"
)

// systemName reads os-release(5).
func systemName(root string) (name, release string) {
	text, err := readBelow(root, "/etc/os-release")
	if err != nil {
		return "", ""
	}
	return parseOSRelease(text)
}

// configuredName is the name that a system below a root starts with: what this process is told is that of its container.
func configuredName(root string) string {
	if root == "" {
		return ""
	}
	text, err := readBelow(root, "/etc/hostname")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(text))
}

// readBelow reads a file of the system below root, to which links in it lead too.
func readBelow(root, path string) ([]byte, error) {
	if root == "" {
		return os.ReadFile(path)
	}
	real, err := securejoin.SecureJoin(root, path)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(real)
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
func machineID(root string) string {
	var id []byte
	for _, path := range []string{"/sys/class/dmi/id/product_uuid", "/etc/machine-id"} {
		if text, err := readBelow(root, path); err == nil {
			id = append(append(id, bytes.TrimSpace(text)...), 0)
		}
	}
	return string(id)
}
