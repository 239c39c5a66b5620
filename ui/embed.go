//go:build !noui

// Package ui holds the console's built files inside the server binary.
//
// The folder dist is made by `npm run build` (make ui). It is empty in a fresh checkout, so that the server builds before the
// console does; FS then has no index.html. The build tag noui leaves the files out of the binary.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS returns the console's files with index.html at its root, or without it when the console was not built.
func FS() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant that the embed directive above guarantees
	}
	return files
}
