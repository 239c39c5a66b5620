package system

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

const blockClass = "/sys/class/block/"

func generateBlockDevices(ctx context.Context, host tables.Host, q *tables.Query, emit func(*blockDevice) error) error {
	entries, err := host.ReadDir(blockClass)
	if err != nil {
		return absent(err)
	}
	r := blockReader{host: host, content: q.WantsAny("uuid", "type", "label")}
	if r.content {
		if text, err := host.ReadFile("/proc/mounts"); err == nil {
			r.mounted = parseMountTypes(string(text))
		}
	}
	wanted := q.Equal("name")
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if wanted != nil && !slices.Contains(wanted, "/dev/"+entry.Name()) {
			continue
		}
		row := r.read(entry.Name())
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

type blockReader struct {
	host    tables.Host
	content bool
	mounted map[string]string
}

func (r *blockReader) read(name string) blockDevice {
	row := blockDevice{Name: "/dev/" + name}
	disk, partOf := r.disk(name)
	if partOf != "" {
		row.Parent = "/dev/" + partOf
	}
	row.Model = r.text(disk, "device/model")
	row.Vendor = r.text(disk, "device/vendor", "device/device/vendor")
	row.Serial = r.text(disk, "device/wwid", "device/serial", "serial")
	row.Size = r.number(name, "size")
	row.BlockSize = r.number(disk, "queue/logical_block_size")
	if r.content {
		r.readContent(name, &row)
	}
	return row
}

// disk gives the device that a device's maker, model and queue are told of, and the device that it is part or made of.
func (r *blockReader) disk(name string) (disk, parent string) {
	if r.text(name, "partition") != "" {
		if target, err := r.host.Readlink(blockClass + name); err == nil { // …/block/sda/sda1
			whole := path.Base(path.Dir(target))
			return whole, whole
		}
	}
	if slaves, err := r.host.ReadDir(blockClass + name + "/slaves"); err == nil && len(slaves) > 0 {
		return name, slaves[0].Name()
	}
	return name, ""
}

// readContent fills in what is on the device.
func (r *blockReader) readContent(name string, row *blockDevice) {
	number := r.text(name, "dev")
	if text, err := r.host.ReadFile("/run/udev/data/b" + number); err == nil && !strings.Contains(number, "/") {
		found := parseUdevProperties(string(text))
		for property, value := range map[string]*tables.Null[string]{"ID_FS_UUID": &row.UUID, "ID_FS_TYPE": &row.Type, "ID_FS_LABEL": &row.Label} {
			value.V, value.Valid = found[property]
		}
	}
	if kind, mounted := r.mounted[row.Name]; mounted && !row.Type.Valid {
		row.Type = tables.Some(kind)
	}
}

// text gives the content of the first of a device's files that has any.
func (r *blockReader) text(name string, files ...string) string {
	for _, file := range files {
		if text, err := r.host.ReadFile(blockClass + name + "/" + file); err == nil {
			if value := strings.TrimSpace(string(text)); value != "" {
				return value
			}
		}
	}
	return ""
}

func (r *blockReader) number(name, file string) tables.Null[int64] {
	v, err := strconv.ParseInt(r.text(name, file), 10, 64)
	if err != nil {
		return tables.Null[int64]{}
	}
	return tables.Some(v)
}
