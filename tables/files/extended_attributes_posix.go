//go:build linux || darwin

package files

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// xattrMax is the kernel's own limit of a list of names and of a value.
const xattrMax = 64 << 10

func generateExtendedAttributes(ctx context.Context, host tables.Host, q *tables.Query, emit func(*extendedAttribute) error) error {
	names, value := make([]byte, xattrMax), make([]byte, xattrMax)
	return selectPaths(ctx, host, q, func(f *found) error {
		real, err := host.RealPath(join(f.parent, f.name))
		if err != nil {
			return skipAttribute(ctx, host, f.path, err)
		}
		n, err := unix.Llistxattr(real, names) // links are resolved already, inside the root
		if err != nil {
			return skipAttribute(ctx, host, f.path, err)
		}
		for name := range bytes.SplitSeq(names[:n], []byte{0}) {
			if len(name) == 0 {
				continue
			}
			n, err := unix.Lgetxattr(real, string(name), value)
			if err != nil {
				if err := skipAttribute(ctx, host, f.path, err); err != nil {
					return err
				}
				continue
			}
			row := extendedAttribute{Path: f.path, Directory: f.directory, Key: string(name)}
			row.Value, row.Base64 = attributeValue(row.Key, value[:n])
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// skipAttribute logs what is worth it: many file systems have no attributes.
func skipAttribute(ctx context.Context, host tables.Host, path string, err error) error {
	if !hostfile.Absent(err) && !errors.Is(err, unix.ENOTSUP) && !errors.Is(err, errNoAttribute) {
		hostfile.Skipped(ctx, host, path, err)
	}
	return nil
}

// attributeValue shows a value as text where it is one: rights, or printable letters with or without an end mark.
func attributeValue(key string, value []byte) (shown string, isBase64 int32) {
	if key == "security.capability" {
		if text, ok := parseCapabilities(value); ok {
			return text, 0
		}
	}
	text := bytes.TrimSuffix(value, []byte{0})
	for _, c := range text {
		if c < ' ' || c > '~' {
			return base64.StdEncoding.EncodeToString(value), 1
		}
	}
	return string(text), 0
}
