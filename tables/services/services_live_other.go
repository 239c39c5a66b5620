//go:build !windows

package services

// Only a running Windows has a service manager, and there this file is not built.
func serviceStates() (map[string]serviceState, error) { return nil, nil }
