package engine

import (
	"fmt"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// collations are the orders that ORDER BY, = and < can use besides SQLite's BINARY, NOCASE and RTRIM.
var collations = []struct {
	name    string
	compare func(a, b string) int
}{
	{"version", versionPlain.compare},
	{"version_arch", versionArch.compare},
	{"version_dpkg", versionDpkg.compare},
	{"version_rhel", versionRhel.compare},
}

func (c *conn) registerCollations() error {
	for i := range collations {
		name, err := libc.CString(collations[i].name)
		if err != nil {
			return fmt.Errorf("engine: collation %s: %w", collations[i].name, err)
		}
		rc := lib.Xsqlite3_create_collation_v2(c.tls, c.db, name, lib.SQLITE_UTF8, uintptr(i), fn(xCollate), 0)
		libc.Xfree(c.tls, name)
		if rc != lib.SQLITE_OK {
			return c.openError("collation "+collations[i].name, rc)
		}
	}
	return nil
}

func xCollate(_ *libc.TLS, i uintptr, aBytes int32, a uintptr, bBytes int32, b uintptr) int32 {
	return int32(collations[i].compare(textAt(a, int(aBytes)), textAt(b, int(bBytes))))
}
