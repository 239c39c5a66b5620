package kernel

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// kernelKey is one key or ring of keys that the kernel keeps; what the key is, it tells no one.
type kernelKey struct {
	Serial      string `col:"serial_number" doc:"Number of the key, in hexadecimal."`
	Flags       string `col:"flags" doc:"State by letters: I ready, R revoked, D dead, Q counted in the user's quota, U under construction, N negative, i invalidated."`
	Usage       int64  `col:"usage" doc:"Number of references to it."`
	Timeout     string `col:"timeout" doc:"Time until it expires, as 4d or 10h; perm for never, expd where it has."`
	Permissions string `col:"permissions" doc:"Rights of possessor, user, group and others, in hexadecimal."`
	UID         int64  `col:"uid" doc:"Owner."`
	GID         int64  `col:"gid" doc:"Group; -1 where it has none."`
	Type        string `col:"type" doc:"Kind of key: keyring, user, logon, asymmetric and the like."`
	Description string `col:"description" doc:"Name of the key, with a summary of it behind a colon."`
}

// KernelKeys has a row for each key that the agent's user may see.
// Source: /proc/keys; keyrings(7).
var KernelKeys = tables.Define[kernelKey](tables.Spec{
	Name: "kernel_keys", Doc: "Keys and rings of keys that the kernel keeps for users and for itself.",
	Category: tables.Kernel, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT description, timeout FROM kernel_keys WHERE type = 'keyring' AND description LIKE '.builtin_trusted_keys%'"},
}, generateKernelKeys)

func generateKernelKeys(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*kernelKey) error) error {
	data, err := hostfile.Source(ctx, host, "/proc/keys")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		if row, ok := parseKernelKey(line); ok {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseKernelKey reads 009a2028 I--Q---   1 perm 3f010000  1000  1000 user     krb_ccache:primary: 12.
func parseKernelKey(line string) (row kernelKey, ok bool) {
	rest := strings.TrimSpace(line)
	var fields [8]string
	for i := range fields {
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			return row, false
		}
		fields[i], rest = rest[:end], strings.TrimLeft(rest[end:], " \t")
	}
	var numbers [3]int64
	for i, text := range []string{fields[2], fields[5], fields[6]} {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return row, false
		}
		numbers[i] = n
	}
	return kernelKey{
		Serial: fields[0], Flags: fields[1], Usage: numbers[0], Timeout: fields[3], Permissions: fields[4],
		UID: numbers[1], GID: numbers[2], Type: fields[7], Description: rest,
	}, true
}
