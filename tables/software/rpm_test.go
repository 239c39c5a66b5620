package software

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"modernc.org/sqlite"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// headerOf makes a package header from tags in the order given: strings, lists of strings, or lists of 32-bit numbers.
func headerOf(tags ...any) []byte {
	var index, data []byte
	for i := 0; i < len(tags); i += 2 {
		kind, count, offset := uint32(rpmString), uint32(1), uint32(len(data))
		switch v := tags[i+1].(type) {
		case string:
			data = append(append(data, v...), 0)
		case []string:
			kind, count = rpmStringArray, uint32(len(v))
			data = append(append(data, strings.Join(v, "\x00")...), 0)
		case []uint32:
			kind, count = rpmInt32, uint32(len(v))
			for _, n := range v {
				data = binary.BigEndian.AppendUint32(data, n)
			}
		}
		for _, n := range []uint32{uint32(tags[i].(int)), kind, offset, count} {
			index = binary.BigEndian.AppendUint32(index, n)
		}
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(len(tags)/2))
	head = binary.BigEndian.AppendUint32(head, uint32(len(data)))
	return append(append(head, index...), data...)
}

func TestRPMHeader(t *testing.T) {
	t.Parallel()
	blob := headerOf(rpmTagName, "first", rpmTagEpoch, []uint32{4294967295}, rpmTagBaseNames, []string{"a", "", "c"}, rpmTagName, "last")
	h, err := parseRPMHeader(blob)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.text(rpmTagName); got != "last" {
		t.Errorf("name is %q: what was added last counts", got)
	}
	if v, ok := h.number(rpmTagEpoch); !ok || v != 4294967295 {
		t.Errorf("epoch is %d, %v", v, ok)
	}
	if diff := cmp.Diff([]string{"a", "", "c"}, h.texts(rpmTagBaseNames, 9)); diff != "" {
		t.Error(diff)
	}
	if _, ok := h.number(rpmTagName); ok || h.text(rpmTagEpoch) != "" || h.text(rpmTagVendor) != "" {
		t.Error("a value of another type, or none, was read")
	}
	for _, cut := range []int{0, 7, 8, 30, len(blob) - 1} {
		if _, err := parseRPMHeader(blob[:cut]); !errors.Is(err, errRPMHeader) {
			t.Errorf("cut to %d bytes: error %v", cut, err)
		}
	}
}

func TestRPMFilesOfUnevenLists(t *testing.T) {
	t.Parallel()
	h, err := parseRPMHeader(headerOf(
		rpmTagBaseNames, []string{"a", "b", "c", "d"}, rpmTagDirNames, []string{"/usr/", strings.Repeat("x", 5000)}, rpmTagDirIndexes, []uint32{0, 1, 0, 7},
		rpmTagFileUsers, []string{"root"}, rpmTagFileSizes, []uint32{1, 2}, rpmTagDigestAlgo, []uint32{8}, rpmTagFileDigests, []string{"aa", "bb", "cc"},
	))
	if err != nil {
		t.Fatal(err)
	}
	var got []rpmPackageFile
	if err := eachRPMFile(h, func(f *rpmPackageFile) error { got = append(got, *f); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []rpmPackageFile{{Path: "/usr/a", Username: "root", Size: 1, SHA256: "aa"}, {Path: "/usr/c", SHA256: "cc"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// sqliteCase makes the root of a machine whose package database is what the statements make.
func sqliteCase(t *testing.T, keepOpen bool, statements ...string) tables.Host {
	t.Helper()
	dir := t.TempDir()
	rpmDir := filepath.Join(dir, "root", rpmDirectories[0])
	if err := os.MkdirAll(rpmDir, 0o700); err != nil {
		t.Fatal(err)
	}
	connector, err := sqlite.NewConnector("file:" + filepath.Join(rpmDir, "rpmdb.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement, headerOf(rpmTagName, "a", rpmTagVersion, "1")); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if keepOpen {
		t.Cleanup(func() { db.Close() })
	} else if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return tabletest.NewHost(t, dir)
}

func TestRPMSQLite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		keepOpen   bool
		statements []string
		rows       int
		err        string
	}{
		"one package":         {statements: []string{"CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)", "INSERT INTO Packages VALUES (1, ?)"}, rows: 1},
		"in the log only":     {keepOpen: true, statements: []string{"PRAGMA journal_mode=WAL", "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)", "INSERT INTO Packages VALUES (1, ?)"}, rows: 1},
		"other types":         {statements: []string{"CREATE TABLE Packages (blob)", "INSERT INTO Packages VALUES (1), (NULL), ('x'), (zeroblob(100)), (?)"}, rows: 1},
		"no table":            {statements: []string{"CREATE TABLE other (x)"}},
		"a view":              {statements: []string{"CREATE VIEW Packages AS SELECT randomblob(9) AS blob"}, err: "Packages is a view"},
		"another column name": {statements: []string{"CREATE TABLE Packages (x BLOB)"}, err: "no such column"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := sqliteCase(t, test.keepOpen, test.statements...)
			rows, err := tabletest.Rows(t.Context(), RPMPackages, h, tabletest.Query(RPMPackages, nil, nil))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want one with %q", err, test.err)
				}
				return
			}
			if err != nil || len(rows) != test.rows {
				t.Errorf("%d rows, want %d; %v", len(rows), test.rows, err)
			}
		})
	}
}

// Reading leaves nothing behind in the scanned machine.
func TestRPMSQLiteIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	h := sqliteCase(t, false, "PRAGMA journal_mode=WAL", "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)", "INSERT INTO Packages VALUES (1, ?)")
	dir, err := h.RealPath(rpmDirectories[0])
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tabletest.Rows(t.Context(), RPMPackages, h, tabletest.Query(RPMPackages, nil, nil)); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != len(after) {
		t.Errorf("files before: %v, after: %v", before, after)
	}
}

// A database whose parts point at each other ends with an error, not in a loop or with all memory.
// This is S35 for package databases.
func TestHostileRPMDatabases(t *testing.T) {
	t.Parallel()
	ndb, err := os.ReadFile("testdata/rpm_packages/linux-sle-15/root/var/lib/rpm/Packages.db")
	if err != nil {
		t.Fatal(err)
	}
	first := ndb[32:48] // the first slot
	same := bytes.Clone(ndb)
	for at := 48; at < ndbPageBytes; at += ndbSlotBytes {
		copy(same[at:], first)
	}
	huge := bytes.Clone(ndb)
	binary.LittleEndian.PutUint32(huge[int(binary.LittleEndian.Uint32(first[8:]))*ndbBlockBytes+12:], 1<<31)
	for name, data := range map[string][]byte{"every slot is the same blob": same, "a blob of 2 GiB": huge} {
		if err := readNDB(bytes.NewReader(data), int64(len(data)), func([]byte) error { return nil }); err == nil {
			t.Errorf("ndb, %s: no error", name)
		}
	}
	bdb, err := os.ReadFile("testdata/rpm_packages/linux-centos-8/root/var/lib/rpm/Packages")
	if err != nil {
		t.Fatal(err)
	}
	pageSize := int(binary.LittleEndian.Uint32(bdb[20:]))
	loop, wrong := bytes.Clone(bdb), bytes.Clone(bdb)
	for page := pageSize; page < len(bdb); page += pageSize {
		if bdb[page+25] == bdbOverflow {
			binary.LittleEndian.PutUint32(loop[page+16:], uint32(page/pageSize))
			wrong[page+25] = bdbHash + 1
		}
	}
	// A page that is its own successor fills up the value with its own bytes, and ends.
	if err := readBDB(bytes.NewReader(loop), int64(len(loop)), func([]byte) error { return nil }); err != nil && !errors.Is(err, errBDB) {
		t.Errorf("Berkeley DB, a page that follows itself: %v", err)
	}
	if err := readBDB(bytes.NewReader(wrong), int64(len(wrong)), func([]byte) error { return nil }); !errors.Is(err, errBDB) {
		t.Errorf("Berkeley DB, a chain through pages of another type: %v", err)
	}
}

func TestBDBOfTheOtherByteOrder(t *testing.T) {
	t.Parallel()
	// Two pages: the database's own, and a hash page with one key and one value that fits into it.
	const pageSize = 512
	file := make([]byte, 2*pageSize)
	binary.BigEndian.PutUint32(file[12:], bdbHashMagic)
	binary.BigEndian.PutUint32(file[20:], pageSize)
	binary.BigEndian.PutUint32(file[32:], 1)
	page := file[pageSize:]
	page[25] = bdbHash
	header := headerOf(rpmTagName, "inline")
	key, value := pageSize-5, pageSize-5-1-len(header)
	binary.BigEndian.PutUint16(page[20:], 2)
	binary.BigEndian.PutUint16(page[26:], uint16(key))
	binary.BigEndian.PutUint16(page[28:], uint16(value))
	page[key], page[value] = bdbKeyData, bdbKeyData
	copy(page[value+1:], header)
	var names []string
	err := readBDB(bytes.NewReader(file), int64(len(file)), func(blob []byte) error {
		h, err := parseRPMHeader(blob)
		names = append(names, h.text(rpmTagName))
		return err
	})
	if err != nil || len(names) != 1 || names[0] != "inline" {
		t.Errorf("%v, %v", names, err)
	}
}

func FuzzRPMHeader(f *testing.F) {
	f.Add(headerOf(rpmTagName, "a", rpmTagBaseNames, []string{"b"}, rpmTagDirNames, []string{"/"}, rpmTagDirIndexes, []uint32{0}))
	f.Fuzz(func(t *testing.T, blob []byte) {
		h, err := parseRPMHeader(blob)
		if err != nil {
			return
		}
		err = eachRPMFile(h, func(file *rpmPackageFile) error {
			if len(file.Path) > rpmPathMax {
				t.Errorf("path of %d bytes", len(file.Path))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		h.number(rpmTagEpoch)
	})
}

func FuzzNDB(f *testing.F) {
	seed, err := os.ReadFile("testdata/rpm_packages/linux-sle-15/root/var/lib/rpm/Packages.db")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		total := 0
		// An error is as good as an end.
		_ = readNDB(bytes.NewReader(data), int64(len(data)), func(blob []byte) error { total += len(blob); return nil })
		if total > len(data) {
			t.Errorf("%d bytes of headers in a file of %d", total, len(data))
		}
	})
}

func FuzzBDB(f *testing.F) {
	seed, err := os.ReadFile("testdata/rpm_packages/linux-centos-8/root/var/lib/rpm/Packages")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		total := 0
		_ = readBDB(bytes.NewReader(data), int64(len(data)), func(blob []byte) error { total += len(blob); return nil })
		if total > len(data) {
			t.Errorf("%d bytes of headers in a file of %d", total, len(data))
		}
	})
}
