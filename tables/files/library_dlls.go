package files

import (
	"context"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/pefile"
)

// dllDirectories are where DLLs of the system and of programs lie, with how deep they are looked for. The system's own
// lie side by side; what is below them belongs to drivers and stores of the servicing.
var dllDirectories = []struct {
	dir   string
	depth int
}{
	{"/C:/Windows/System32", 0}, {"/C:/Windows/SysWOW64", 0}, {"/C:/Program Files", libraryDepth}, {"/C:/Program Files (x86)", libraryDepth},
}

func generateDLLs(ctx context.Context, host tables.Host, q *tables.Query, emit func(*library) error) error {
	host = slashed(host)
	wantsHeaders, wantsSum, wantsTime := q.WantsAny("soname", "arch", "version"), q.Wants("sha256"), q.Wants("mtime")
	for _, place := range dllDirectories {
		err := eachLibrary(ctx, host, place.dir, place.depth, func(file string, info fs.FileInfo) error {
			if !isDLL(info.Name()) {
				return nil
			}
			row := library{Path: windowsPath(file), Name: info.Name(), Size: info.Size()}
			if wantsTime {
				row.MTime = tables.Some(info.ModTime().Unix())
			}
			describe := readDLL
			if !wantsHeaders {
				describe = nil
			}
			if describe != nil || wantsSum {
				if err := describeLibrary(ctx, host, file, &row, describe, wantsSum); err != nil {
					return err
				}
			}
			return emit(&row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func isDLL(name string) bool { return strings.EqualFold(path.Ext(name), ".dll") }

// readDLL fills in what a DLL tells of itself.
func readDLL(r io.ReaderAt, row *library) error {
	file, err := pefile.Open(r)
	if err != nil {
		return err
	}
	row.Arch = tables.Some(peMachineName(file.Machine))
	if version, ok := file.Version(); ok {
		row.Version = version.File
		if name := version.Texts["OriginalFilename"]; name != "" {
			row.Soname = tables.Some(name)
		}
	}
	return nil
}

// peMachineName names a processor as uname(1) does; empty for one that Windows does not run on.
func peMachineName(machine uint16) string {
	switch machine {
	case 0x8664:
		return "x86_64"
	case 0x014C:
		return "i386"
	case 0xAA64:
		return "aarch64"
	case 0x01C4:
		return "arm"
	default:
		return ""
	}
}
