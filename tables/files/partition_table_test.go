package files

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// image is a disk that tests write partition tables to.
type image []byte

func newImage(sectors int) image {
	m := make(image, sectors*sectorBytes)
	m.sign(0)
	return m
}

func (m image) sign(sector int) { copy(m[sector*sectorBytes+510:], []byte{0x55, 0xaa}) }

// entry writes one entry of the old table in a sector.
func (m image) entry(sector, slot int, kind byte, start, sectors uint32) {
	at := m[sector*sectorBytes+mbrEntries+slot*mbrEntryBytes:]
	at[4] = kind
	binary.LittleEndian.PutUint32(at[8:], start)
	binary.LittleEndian.PutUint32(at[12:], sectors)
}

// gpt writes a GUID partition table whose entries begin at a sector.
func (m image) gpt(sector, entries, count, size int) {
	m.entry(0, 0, typeGPT, 1, 0xffffffff)
	at := m[sector:]
	copy(at, "EFI PART")
	binary.LittleEndian.PutUint64(at[72:], uint64(entries))
	binary.LittleEndian.PutUint32(at[80:], uint32(count))
	binary.LittleEndian.PutUint32(at[84:], uint32(size))
}

func (m image) gptEntry(at int, name string, start uint64) {
	m[at] = 1 // a type
	binary.LittleEndian.PutUint64(m[at+32:], start)
	for i, u := range utf16.Encode([]rune(name)) {
		binary.LittleEndian.PutUint16(m[at+56+2*i:], u)
	}
}

// ext writes a superblock of ext4.
func (m image) ext(offset int, blocks, inodes, shift uint32) {
	at := m[offset+1024:]
	binary.LittleEndian.PutUint32(at, inodes)
	binary.LittleEndian.PutUint32(at[4:], blocks)
	binary.LittleEndian.PutUint32(at[24:], shift)
	binary.LittleEndian.PutUint16(at[56:], 0xef53)
}

func TestReadPartitions(t *testing.T) {
	t.Parallel()
	normal := func(number int32, label string, sector int64) devicePartition {
		return devicePartition{Partition: number, Label: label, Type: "normal", Offset: sector * sectorBytes}
	}
	for name, c := range map[string]struct {
		make func() image
		want []devicePartition
	}{
		"empty":        {func() image { return nil }, nil},
		"one byte":     {func() image { return image{1} }, nil},
		"no table":     {func() image { return make(image, 4*sectorBytes) }, nil},
		"empty table":  {func() image { return newImage(4) }, nil},
		"beyond it":    {func() image { m := newImage(2); m.entry(0, 1, 0x83, 1<<31, 8); return m }, []devicePartition{normal(2, "Linux (0x83)", 1<<31)}},
		"unknown type": {func() image { m := newImage(2); m.entry(0, 0, 0x99, 1, 8); return m }, []devicePartition{normal(1, "Unknown type (0x99)", 1)}},
		"boots": {func() image { m := newImage(2); m.entry(0, 0, 0x07, 1, 8); m[mbrEntries] = 0x80; return m }, []devicePartition{
			{Partition: 1, Label: "NTFS or exFAT (0x07)", Type: "normal", Offset: sectorBytes, Flags: 128}}},
		"ext4": {func() image {
			m := newImage(16)
			m.entry(0, 0, 0x83, 4, 8)
			m.ext(4*sectorBytes, 1000, 250, 2)
			return m
		}, []devicePartition{
			{Partition: 1, Label: "Linux (0x83)", Type: "normal", Offset: 4 * sectorBytes, BlockSize: tables.Some[int64](4096), Blocks: tables.Some[int64](1000), Inodes: tables.Some[int64](250)}}},
		"ext4 of huge blocks": {func() image {
			m := newImage(16)
			m.entry(0, 0, 0x83, 4, 8)
			m.ext(4*sectorBytes, 1000, 250, 60)
			return m
		}, []devicePartition{normal(1, "Linux (0x83)", 4)}},
		"logical": {func() image {
			m := newImage(40)
			m.entry(0, 0, 0x83, 1, 8)
			m.entry(0, 1, 0x05, 10, 30)
			m.sign(10)
			m.entry(10, 0, 0x82, 1, 4)
			m.entry(10, 1, 0x05, 10, 10)
			m.sign(20)
			m.entry(20, 0, 0x83, 1, 4)
			return m
		}, []devicePartition{normal(1, "Linux (0x83)", 1), normal(2, "Extended (0x05)", 10), normal(5, "Linux swap (0x82)", 11), normal(6, "Linux (0x83)", 21)}},
		"logical in a circle": {func() image {
			m := newImage(40)
			m.entry(0, 0, 0x0f, 10, 30)
			m.sign(10)
			m.entry(10, 0, 0x83, 1, 4)
			m.entry(10, 1, 0x05, 0, 10)
			return m
		}, []devicePartition{normal(1, "Extended (0x0f)", 10), normal(5, "Linux (0x83)", 11)}},
		"GPT": {func() image {
			m := newImage(40)
			m.gpt(sectorBytes, 2, 4, 128)
			m.gptEntry(2*sectorBytes, "EFI", 34)
			m.gptEntry(2*sectorBytes+256, "Wurzel ä", 36)
			return m
		}, []devicePartition{normal(1, "EFI", 34), normal(3, "Wurzel ä", 36)}},
		"GPT of 4 KiB sectors": {func() image {
			m := newImage(40)
			m.gpt(4096, 2, 1, 128)
			m.gptEntry(8192, "data", 3)
			return m
		}, []devicePartition{normal(1, "data", 24)}},
		"GPT without header":  {func() image { m := newImage(4); m.entry(0, 0, typeGPT, 1, 1); return m }, nil},
		"GPT of tiny entries": {func() image { m := newImage(8); m.gpt(sectorBytes, 2, 4, 1); return m }, nil},
		"GPT beyond it":       {func() image { m := newImage(8); m.gpt(sectorBytes, 1<<40, 1<<31-1, 4096); return m }, nil},
		"GPT that is cut": {func() image {
			m := newImage(3)
			m.gpt(sectorBytes, 2, 1<<31-1, 128)
			m.gptEntry(2*sectorBytes, "a", 2)
			return m
		}, []devicePartition{normal(1, "a", 2)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readPartitions(bytes.NewReader(c.make()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDevicePartitionsOfAnImage reads a disk image by the table; what is no disk has no rows and is no error.
func TestDevicePartitionsOfAnImage(t *testing.T) {
	t.Parallel()
	m := newImage(8)
	m.entry(0, 0, 0x83, 1, 4)
	path := filepath.Join(t.TempDir(), "disk.img")
	if err := os.WriteFile(path, m, 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := host.New("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := tabletest.Query(DevicePartitions, map[string][]string{"device": {path, os.DevNull, filepath.Dir(path), path + ".absent"}}, nil)
	rows, err := tabletest.Rows(t.Context(), DevicePartitions, h, q)
	if err != nil || len(rows) != 1 || rows[0]["device"] != path || rows[0]["offset"] != int64(sectorBytes) || rows[0]["blocks"] != nil {
		t.Errorf("%v, %v", rows, err)
	}
}

func FuzzReadPartitions(f *testing.F) {
	logical := newImage(16)
	logical.entry(0, 0, 0x05, 2, 8)
	logical.sign(2)
	logical.entry(2, 0, 0x83, 1, 2)
	gpt := newImage(16)
	gpt.gpt(sectorBytes, 2, 4, 128)
	gpt.gptEntry(2*sectorBytes, "a", 4)
	f.Add([]byte(logical))
	f.Add([]byte(gpt))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := readPartitions(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > gptEntriesMax {
			t.Errorf("%d rows", len(rows))
		}
		for _, row := range rows {
			if row.Offset < 0 {
				t.Errorf("%+v", row)
			}
		}
	})
}
