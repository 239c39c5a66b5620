package ui

import (
	"io/fs"
	"testing"
)

// The server lists FS to decide between the console and the hint to build it, so it has to be readable in both cases.
func TestFSIsReadable(t *testing.T) {
	t.Parallel()
	if _, err := fs.ReadDir(FS(), "."); err != nil {
		t.Fatalf("read console files: %v", err)
	}
	if page, err := fs.ReadFile(FS(), "index.html"); err == nil && len(page) == 0 {
		t.Fatal("index.html is empty")
	}
}
