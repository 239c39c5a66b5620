//go:build !windows

package registry

// liveRoots are none: only Windows has a registry.
func (r *Registry) liveRoots() []root { return nil }
