//go:build unix

package main

import "golang.org/x/sys/unix"

// restrictModes makes what this process creates unreadable to others, whatever modes are asked for.
func restrictModes() { unix.Umask(0o077) }
