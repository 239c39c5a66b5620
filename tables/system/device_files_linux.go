package system

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// readText gives the content of one of the kernel's small files, empty where it cannot be read.
func readText(host tables.Host, path string) string {
	text, err := host.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// readFirst gives the content of the first file that can be read; nil where none can.
func readFirst(host tables.Host, paths []string) []byte {
	for _, path := range paths {
		if data, err := host.ReadFile(path); err == nil {
			return data
		}
	}
	return nil
}
