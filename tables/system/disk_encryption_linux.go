package system

import (
	"context"
	"path"
	"slices"

	"github.com/tenantra/tenantra/tables"
)

func generateDiskEncryption(ctx context.Context, host tables.Host, q *tables.Query, emit func(*diskEncryption) error) error {
	entries, err := host.ReadDir(blockClass)
	if err != nil {
		return absent(err)
	}
	r := encryptionReader{blockReader{host: host, content: true}, map[string]string{}}
	wanted := q.Equal("name")
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if wanted != nil && !slices.Contains(wanted, "/dev/"+entry.Name()) {
			continue
		}
		device := r.read(entry.Name())
		row := diskEncryption{Name: device.Name, UUID: device.UUID, Status: "not encrypted"}
		if row.Type = r.format(entry.Name()); row.Type != "" {
			row.Encrypted, row.Status = 1, "encrypted"
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// encryptionReader remembers the format of each device: those below are asked for once for each one above.
type encryptionReader struct {
	blockReader
	known map[string]string
}

// format gives the format of the encryption that covers a device, "" where it is not covered.
func (r *encryptionReader) format(name string) string {
	if format, known := r.known[name]; known {
		return format
	}
	r.known[name] = "" // ends a circle of devices, which only a forged image has
	format := mappedEncryption(r.text(name, "dm/uuid"))
	if format == "" {
		format = contentEncryption(r.read(name).Type.V)
	}
	if format == "" {
		format = r.formatBelow(name)
	}
	r.known[name] = format
	return format
}

// formatBelow gives the format of what a device is part or made of; one part in clear text makes the whole so.
func (r *encryptionReader) formatBelow(name string) string {
	var below []string
	if r.text(name, "partition") != "" {
		if _, parent := r.disk(name); parent != "" {
			below = append(below, parent)
		}
	} else if slaves, err := r.host.ReadDir(blockClass + name + "/slaves"); err == nil {
		for _, slave := range slaves {
			below = append(below, path.Base(slave.Name()))
		}
	}
	var format string
	for _, device := range below {
		if format = r.format(device); format == "" {
			return ""
		}
	}
	return format
}
