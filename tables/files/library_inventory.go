package files

import (
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// library is one shared library.
type library struct {
	Path    string              `col:"path" doc:"Absolute path of the file."`
	Name    string              `col:"name" doc:"Name of the library: libssl.so.3."`
	Soname  tables.Null[string] `col:"soname" doc:"Name that programs ask for, as the library itself tells; on Windows its original file name. NULL where it tells none."`
	Version string              `col:"version" collate:"VERSION" doc:"Version in the file's name: 3.0.15; on Windows that of its version resource. Empty where there is none."`
	Arch    tables.Null[string] `col:"arch" doc:"Processor that it is for: x86_64, aarch64, 386."`
	Needed  tables.Null[string] `col:"needed" doc:"Libraries that it asks for itself, parted by commas; NULL on Windows."`
	Size    int64               `col:"size_bytes" doc:"Bytes of the file."`
	MTime   tables.Null[int64]  `col:"mtime" doc:"Last change, in Unix seconds."`
	SHA256  tables.Null[string] `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest of the file; NULL where it cannot be read."`
}

// LibraryInventory has a row for each file of a shared library in the directories that the loader searches and in /opt. Links to
// another name are left out. On Windows they are the DLLs of the system and of programs.
// Source: ld.so(8), ELF; on Windows the headers and version resources of PE files.
var LibraryInventory = tables.DefineByPlatform(tables.Spec{
	Name: "library_inventory", Doc: "Shared libraries with versions and digests.",
	Category: tables.Files, Platforms: tables.Linux | tables.Windows, Cost: tables.Expensive,
	Examples: []string{
		"SELECT path, version FROM library_inventory WHERE name LIKE 'libssl.so%'",
		"SELECT path, needed FROM library_inventory WHERE path LIKE '/opt/%'",
	},
}, tables.Generators[library]{Linux: generateLibraries, Windows: generateDLLs})

var libraryDirectories = []string{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/local/lib", "/usr/local/lib64", "/opt"}

const (
	libraryDepth   = 12
	librarySizeMax = 512 << 20
	elfTableMax    = 1 << 20 // bytes of the tables of a library that are looked at
)

func generateLibraries(ctx context.Context, host tables.Host, q *tables.Query, emit func(*library) error) error {
	wantsELF, wantsSum, wantsTime := q.WantsAny("soname", "arch", "needed"), q.Wants("sha256"), q.Wants("mtime")
	for _, dir := range libraryDirectories {
		// /lib is /usr/lib on most systems.
		if target, err := host.Readlink(dir); err == nil && (target == "usr"+dir || target == "/usr"+dir) {
			continue
		}
		err := eachLibrary(ctx, host, dir, libraryDepth, func(file string, info fs.FileInfo) error {
			version, is := libraryVersion(info.Name())
			if !is {
				return nil
			}
			row := library{Path: file, Name: info.Name(), Version: version, Size: info.Size()}
			if wantsTime {
				row.MTime = tables.Some(info.ModTime().Unix())
			}
			if wantsELF || wantsSum {
				describe := readELF
				if !wantsELF {
					describe = nil
				}
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

// eachLibrary visits the regular files below a directory whose names are those of libraries; links are not followed.
func eachLibrary(ctx context.Context, host tables.Host, dir string, depth int, visit func(file string, info fs.FileInfo) error) error {
	for _, entry := range hostfile.List(ctx, host, dir) {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := path.Join(dir, entry.Name())
		if entry.IsDir() {
			if depth > 0 {
				if err := eachLibrary(ctx, host, file, depth-1, visit); err != nil {
					return err
				}
			}
			continue
		}
		if !entry.Type().IsRegular() || !strings.Contains(entry.Name(), ".so") && !isDLL(entry.Name()) {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			continue // gone
		}
		if err := visit(file, info); err != nil {
			return err
		}
	}
	return nil
}

// libraryVersion tells a library by its name, libNAME.so or libNAME.so.VERSION, and gives the version.
func libraryVersion(name string) (version string, is bool) {
	at := strings.Index(name, ".so")
	if at <= 0 {
		return "", false
	}
	rest := name[at+len(".so"):]
	if rest == "" {
		return "", strings.HasPrefix(name, "lib")
	}
	version, ok := strings.CutPrefix(rest, ".")
	if !ok || version == "" || strings.Trim(version, "0123456789.") != "" {
		return "", false
	}
	return version, true
}

var errLibrarySize = errors.New("larger than libraries are")

// describeLibrary reads what a file tells by describe, where that is not nil, and its digest. A file that cannot be read is
// logged; an error is that of the statement.
func describeLibrary(ctx context.Context, host tables.Host, file string, row *library, describe func(io.ReaderAt, *library) error, wantsSum bool) error {
	err := func() error {
		f, err := host.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		if row.Size > librarySizeMax {
			return errLibrarySize
		}
		if wantsSum {
			defer context.AfterFunc(ctx, func() { _ = f.Close() })()
			sum := sha256.New()
			if _, err := io.Copy(sum, io.LimitReader(f, librarySizeMax)); err != nil {
				return err
			}
			row.SHA256 = tables.Some(hex.EncodeToString(sum.Sum(nil)))
		}
		if describe != nil {
			return describe(f, row)
		}
		return nil
	}()
	if err != nil && ctx.Err() == nil {
		hostfile.Skipped(ctx, host, file, err)
	}
	return ctx.Err()
}

// readELF fills in what a library tells of itself. The library of Go's distribution makes room for as much as a file says that a
// table is large, so the sizes are compared with what libraries have first.
func readELF(r io.ReaderAt, row *library) error {
	file, err := elf.NewFile(r)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, section := range file.Sections {
		if (section.Type == elf.SHT_DYNAMIC || section.Type == elf.SHT_STRTAB) && section.Name != ".strtab" && section.FileSize > elfTableMax {
			return fmt.Errorf("section %s: larger than %d MiB", section.Name, elfTableMax>>20)
		}
	}
	row.Arch = tables.Some(machineName(file.Machine))
	if names, err := file.DynString(elf.DT_SONAME); err == nil && len(names) > 0 {
		row.Soname = tables.Some(names[0])
	}
	if names, err := file.DynString(elf.DT_NEEDED); err == nil {
		row.Needed = tables.Some(strings.Join(names, ","))
	}
	return nil
}

// machineName names a processor as uname(1) does.
func machineName(machine elf.Machine) string {
	switch machine {
	case elf.EM_X86_64:
		return "x86_64"
	case elf.EM_AARCH64:
		return "aarch64"
	case elf.EM_386:
		return "i386"
	case elf.EM_ARM:
		return "arm"
	case elf.EM_RISCV:
		return "riscv64"
	case elf.EM_PPC64:
		return "ppc64"
	case elf.EM_S390:
		return "s390x"
	default:
		return machine.String()
	}
}
