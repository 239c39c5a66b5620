package software

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// dpkgDir is where dpkg keeps its database.
const dpkgDir = "/var/lib/dpkg"

// debPackage is one package that dpkg knows as more than a name.
type debPackage struct {
	Name       string             `col:"name" doc:"Name of the package, without its architecture."`
	Version    string             `col:"version" collate:"VERSION_DPKG" doc:"Full version: epoch, upstream version and revision."`
	Source     string             `col:"source" doc:"Source package, with its version in brackets where that differs; empty where both are the package's own."`
	Size       tables.Null[int64] `col:"size" doc:"Installed size in KiB; NULL where the package does not tell."`
	Arch       string             `col:"arch" doc:"Architecture: amd64, all."`
	Revision   string             `col:"revision" doc:"Debian revision, the part of the version after its last dash."`
	Status     string             `col:"status" doc:"What is wanted, whether it went well, and what is: install ok installed."`
	Maintainer string             `col:"maintainer" doc:"Maintainer of the package."`
	Section    string             `col:"section" doc:"Section of the archive."`
	Priority   string             `col:"priority" doc:"Priority in the archive: required, important, standard, optional."`
	Admindir   string             `col:"admindir" opt:"additional" doc:"Directory of the package database."`
	container.Mount
}

// DebPackages has a row for each package of dpkg's database that is not merely known by name; status tells the installed
// from those that only left their configuration.
// Source: /var/lib/dpkg/status, and status.d of images without dpkg; deb-control(5).
var DebPackages = tables.Define[debPackage](tables.Spec{
	Name: "deb_packages", Doc: "Packages of Debian and its kin.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate,
	Examples: []string{
		"SELECT name, version FROM deb_packages WHERE name LIKE 'linux-image-%' AND status = 'install ok installed'",
		"SELECT name, version FROM deb_packages WHERE name = 'openssl' AND version < '3.0.15-1'",
	},
}, generateDebPackages)

func generateDebPackages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*debPackage) error) error {
	for _, dir := range adminDirs(q) {
		err := eachDebPackage(ctx, host, dir, func(p *debPackage) error {
			p.Admindir = dir
			return emit(p)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// adminDirs gives the databases that a statement asks for.
func adminDirs(q *tables.Query) []string {
	if dirs := q.Equal("admindir"); dirs != nil {
		return dirs
	}
	return []string{dpkgDir}
}

func eachDebPackage(ctx context.Context, host tables.Host, dir string, each func(*debPackage) error) error {
	files := []string{path.Join(dir, "status")}
	for _, file := range hostfile.Files(ctx, host, path.Join(dir, "status.d")) {
		if !strings.HasSuffix(file, ".md5sums") {
			files = append(files, file)
		}
	}
	for _, name := range files {
		f, err := host.Open(name)
		if hostfile.Absent(err) || errors.Is(err, fs.ErrPermission) {
			hostfile.Skipped(ctx, host, name, err)
			continue
		}
		if err != nil {
			return err
		}
		err = readDebStatus(ctx, f, each)
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// debLineMax is the longest line that is looked at as a whole; the fields that matter here are far shorter.
const debLineMax = 64 << 10

// readDebStatus streams the paragraphs of a status file, which may be far larger than what is read at once elsewhere.
// A paragraph without a name or a version is no package.
func readDebStatus(ctx context.Context, r io.Reader, each func(*debPackage) error) error {
	lines := bufio.NewReaderSize(r, debLineMax)
	var p debPackage
	flush := func() error {
		defer func() { p = debPackage{} }()
		if p.Name == "" || p.Version == "" || strings.HasSuffix(p.Status, " not-installed") {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if i := strings.LastIndexByte(p.Version, '-'); i >= 0 {
			p.Revision = p.Version[i+1:]
		}
		return each(&p)
	}
	for {
		line, err := lines.ReadSlice('\n')
		end := err
		for errors.Is(end, bufio.ErrBufferFull) { // pass over the rest of a line that is too long
			_, end = lines.ReadSlice('\n')
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			if flushErr := flush(); flushErr != nil {
				return flushErr
			}
		case line[0] != ' ' && line[0] != '\t': // else the text goes on: of no field that matters here
			p.field(line)
		}
		if errors.Is(end, io.EOF) {
			return flush()
		}
		if end != nil {
			return fmt.Errorf("read package database: %w", end)
		}
	}
}

// field takes one "Name: value" line. Names of fields compare without case.
func (p *debPackage) field(line []byte) {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return
	}
	var into *string
	switch len(name) { // most of the many lines go by with one comparison
	case 6:
		if bytes.EqualFold(name, []byte("Status")) {
			into = &p.Status
		} else if bytes.EqualFold(name, []byte("Source")) {
			into = &p.Source
		}
	case 7:
		if bytes.EqualFold(name, []byte("Package")) {
			into = &p.Name
		} else if bytes.EqualFold(name, []byte("Version")) {
			into = &p.Version
		} else if bytes.EqualFold(name, []byte("Section")) {
			into = &p.Section
		}
	case 8:
		if bytes.EqualFold(name, []byte("Priority")) {
			into = &p.Priority
		}
	case 10:
		if bytes.EqualFold(name, []byte("Maintainer")) {
			into = &p.Maintainer
		}
	case 12:
		if bytes.EqualFold(name, []byte("Architecture")) {
			into = &p.Arch
		}
	case 14:
		if bytes.EqualFold(name, []byte("Installed-Size")) {
			if size, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err == nil {
				p.Size = tables.Some(size)
			}
		}
	}
	if into != nil {
		*into = string(bytes.TrimSpace(value))
	}
}
