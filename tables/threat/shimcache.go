package threat

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// shimcacheEntry is one program that Windows checked.
type shimcacheEntry struct {
	Entry         int32  `col:"entry" doc:"Position: 1 is the latest."`
	Path          string `col:"path" doc:"Path of the program."`
	ModifiedTime  int32  `col:"modified_time" doc:"When the program's file changed last, in Unix seconds."`
	ExecutionFlag int32  `col:"execution_flag" doc:"1 where it ran, 0 where it did not, -1 where Windows does not keep this."`
}

// Shimcache has a row for each entry, the latest first.
// Source: AppCompatCache in HKEY_LOCAL_MACHINE\SYSTEM.
var Shimcache = tables.Define[shimcacheEntry](tables.Spec{
	Name: "shimcache", Doc: "Programs that Windows checked for compatibility, mostly since they ran.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT entry, path, datetime(modified_time, 'unixepoch') FROM shimcache"},
}, generateShimcache)

const appCompatCache = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\AppCompatCache`

func generateShimcache(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*shimcacheEntry) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	v, _ := r.Key(appCompatCache).Value("AppCompatCache")
	for i, row := range parseShimcache(v.Data) {
		row.Entry = int32(i + 1)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

const (
	shimcacheWindows7 = 0xBADC0FEE
	shimcacheWindows8 = 0x80 // the length of its head
)

// executionUnknown is the flag where Windows does not keep it, since Windows 10.
const executionUnknown = -1

// parseShimcache reads the cache of Windows 7 and later. Data of another form has no entries; what is cut short ends them.
func parseShimcache(data []byte) []shimcacheEntry {
	if len(data) < 4 {
		return nil
	}
	switch head := binary.LittleEndian.Uint32(data); {
	case head == shimcacheWindows7:
		return parseShimcache7(data)
	case head == shimcacheWindows8:
		return parseShimcacheTagged(data, int(head), true)
	case head == 0x30 || head == 0x34: // Windows 10 before and since 1703
		return parseShimcacheTagged(data, int(head), false)
	default:
		return nil
	}
}

// parseShimcacheTagged reads entries that start with 10ts or 00ts, a number, and the bytes that follow.
func parseShimcacheTagged(data []byte, head int, windows8 bool) []shimcacheEntry {
	var rows []shimcacheEntry
	for len(data) >= head+12 {
		entry := data[head:]
		if !bytes.HasPrefix(entry, []byte("10ts")) && !bytes.HasPrefix(entry, []byte("00ts")) {
			break
		}
		size := int64(binary.LittleEndian.Uint32(entry[8:]))
		if size < 2 || size > int64(len(entry)-12) {
			break
		}
		body := entry[12 : 12+size]
		data, head = entry[12+size:], 0
		row := shimcacheEntry{ExecutionFlag: executionUnknown}
		length := int(binary.LittleEndian.Uint16(body))
		if length > len(body)-2 {
			continue
		}
		row.Path = registry.UTF16(body[2 : 2+length])
		rest := body[2+length:]
		if windows8 && len(rest) >= 2 { // the package, and flags of which the second bit says that it ran
			skip := 2 + int(binary.LittleEndian.Uint16(rest))
			if len(rest) < skip+8 {
				continue
			}
			row.ExecutionFlag = int32(binary.LittleEndian.Uint32(rest[skip:]) >> 1 & 1)
			rest = rest[skip+8:]
		}
		if len(rest) >= 8 {
			row.ModifiedTime = int32(unixOf(registry.FileTime(binary.LittleEndian.Uint64(rest))))
		}
		rows = append(rows, row)
	}
	return rows
}

// parseShimcache7 reads the fixed entries of 64-bit Windows 7, which refer to their paths by offset.
func parseShimcache7(data []byte) []shimcacheEntry {
	const head, size = 128, 48
	if len(data) < head {
		return nil
	}
	var rows []shimcacheEntry
	count := binary.LittleEndian.Uint32(data[4:])
	for rest := data[head:]; count > 0 && len(rest) >= size; count, rest = count-1, rest[size:] {
		length, offset := uint64(binary.LittleEndian.Uint16(rest)), binary.LittleEndian.Uint64(rest[8:])
		if offset > uint64(len(data)) || offset+length > uint64(len(data)) {
			continue
		}
		rows = append(rows, shimcacheEntry{
			Path:          registry.UTF16(data[offset : offset+length]),
			ModifiedTime:  int32(unixOf(registry.FileTime(binary.LittleEndian.Uint64(rest[16:])))),
			ExecutionFlag: int32(binary.LittleEndian.Uint32(rest[24:]) >> 1 & 1),
		})
	}
	return rows
}
