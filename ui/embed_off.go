//go:build noui

// Package ui is the console's place in the server binary; the build tag noui left its files out.
package ui

import (
	"embed"
	"io/fs"
)

// FS returns an empty file system: there is no console in this binary.
func FS() fs.FS { return embed.FS{} }
