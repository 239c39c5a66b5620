//go:build !linux && !darwin

package postgres

// canIdentify is false: nothing tells reliably which process uses a data directory.
const canIdentify = false

func isPostgresOf(int, string) bool { return false }
