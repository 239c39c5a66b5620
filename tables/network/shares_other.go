//go:build !windows

package network

// Only a running Windows has shares of this kind, and there this file is not built.
func eachShare(func(*sharedResource) error) error { return nil }
