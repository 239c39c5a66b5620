//go:build !windows

package files

// askSystem has nothing to add where an image of Windows lies on another system, which keeps no attributes of it.
func (row *file) askSystem(string, bool) {}
