package files

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/tenantra/tenantra/tables"
)

const (
	sectorBytes = 512
	// gptEntriesMax and logicalMax bound what a table may claim: usual are 128 entries, and few logical partitions.
	gptEntriesMax = 1024
	gptEntryMax   = 4096
	logicalMax    = 128

	mbrEntries    = 446
	mbrEntryBytes = 16
	gptEntryBytes = 128
	typeGPT       = 0xee
)

// readPartitions reads the table at the beginning of a disk: GUID partition table, or the old one with its chain of logical
// partitions. A disk without a table has no rows; what a damaged table still says is given.
func readPartitions(r io.ReaderAt) ([]devicePartition, error) {
	first := make([]byte, sectorBytes)
	if _, err := r.ReadAt(first, 0); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	if first[510] != 0x55 || first[511] != 0xaa {
		return nil, nil
	}
	var rows []devicePartition
	if hasGPT(first) {
		rows = readGPT(r)
	} else {
		rows = readMBR(r, first)
	}
	for i := range rows {
		readExt(r, &rows[i])
	}
	return rows, nil
}

func hasGPT(first []byte) bool {
	for i := range 4 {
		if first[mbrEntries+i*mbrEntryBytes+4] == typeGPT {
			return true
		}
	}
	return false
}

// readGPT reads a GUID partition table on a disk of either sector size.
func readGPT(r io.ReaderAt) []devicePartition {
	header := make([]byte, 92)
	for _, sector := range []int64{sectorBytes, 4096} {
		if _, err := r.ReadAt(header, sector); err == nil && bytes.Equal(header[:8], []byte("EFI PART")) {
			return readGPTEntries(r, sector, header)
		}
	}
	return nil
}

func readGPTEntries(r io.ReaderAt, sector int64, header []byte) []devicePartition {
	start, ok := offsetOf(binary.LittleEndian.Uint64(header[72:]), sector)
	count, size := binary.LittleEndian.Uint32(header[80:]), binary.LittleEndian.Uint32(header[84:])
	if !ok || size < gptEntryBytes || size > gptEntryMax {
		return nil
	}
	var rows []devicePartition
	entry := make([]byte, gptEntryBytes)
	for i := range min(count, gptEntriesMax) {
		if _, err := r.ReadAt(entry, start+int64(i)*int64(size)); err != nil {
			return rows
		}
		offset, ok := offsetOf(binary.LittleEndian.Uint64(entry[32:]), sector)
		if bytes.Equal(entry[:16], make([]byte, 16)) || !ok {
			continue // not in use
		}
		rows = append(rows, devicePartition{
			Partition: int32(i) + 1, Label: utf16Text(entry[56:]), Type: "normal", Offset: offset,
			Flags: int32(binary.LittleEndian.Uint32(entry[48:])), // #nosec G115 -- bits, not a number
		})
	}
	return rows
}

// offsetOf gives a sector's first byte, where a disk can have so many.
func offsetOf(lba uint64, sector int64) (offset int64, ok bool) {
	const most = 1 << 50
	if lba == 0 || lba > most {
		return 0, false
	}
	return int64(lba) * sector, true
}

func utf16Text(b []byte) string {
	var units []uint16
	for ; len(b) >= 2; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

// readMBR reads the old table: four entries, one of which may begin a chain of logical partitions, numbered from 5.
func readMBR(r io.ReaderAt, first []byte) []devicePartition {
	var rows []devicePartition
	extended := int64(0)
	for i := range 4 {
		entry := first[mbrEntries+i*mbrEntryBytes:]
		row, used := mbrPartition(entry, 0)
		if !used {
			continue
		}
		row.Partition = int32(i) + 1
		rows = append(rows, row)
		if isExtended(entry[4]) && extended == 0 {
			extended = row.Offset
		}
	}
	return append(rows, readLogical(r, extended)...)
}

// readLogical follows the chain: each link names one partition, relative to itself, and the next link, relative to the
// extended partition. A chain that leads back ends.
func readLogical(r io.ReaderAt, extended int64) []devicePartition {
	var rows []devicePartition
	seen := map[int64]bool{}
	link := make([]byte, sectorBytes)
	for at := extended; at != 0 && !seen[at] && len(seen) < logicalMax; {
		seen[at] = true
		if _, err := r.ReadAt(link, at); err != nil || link[510] != 0x55 || link[511] != 0xaa {
			break
		}
		if row, used := mbrPartition(link[mbrEntries:], at); used {
			row.Partition = int32(len(seen)) + 4 // #nosec G115 -- at most logicalMax
			rows = append(rows, row)
		}
		next, used := mbrPartition(link[mbrEntries+mbrEntryBytes:], extended)
		if !used {
			break
		}
		at = next.Offset
	}
	return rows
}

func mbrPartition(entry []byte, base int64) (row devicePartition, used bool) {
	kind, sectors := entry[4], binary.LittleEndian.Uint32(entry[12:])
	if kind == 0 || sectors == 0 {
		return row, false
	}
	name, known := mbrTypes[kind]
	if !known {
		name = "Unknown type"
	}
	return devicePartition{
		Label: fmt.Sprintf("%s (0x%02x)", name, kind), Type: "normal",
		Offset: base + int64(binary.LittleEndian.Uint32(entry[8:]))*sectorBytes, Flags: int32(entry[0] & 0x80),
	}, true
}

func isExtended(kind byte) bool { return kind == 0x05 || kind == 0x0f || kind == 0x85 }

// mbrTypes names the types that are met today.
var mbrTypes = map[byte]string{
	0x01: "FAT12", 0x04: "FAT16", 0x05: "Extended", 0x06: "FAT16", 0x07: "NTFS or exFAT", 0x0b: "FAT32", 0x0c: "FAT32", 0x0e: "FAT16",
	0x0f: "Extended", 0x27: "Windows recovery", 0x82: "Linux swap", 0x83: "Linux", 0x85: "Extended", 0x8e: "Linux LVM", 0xa5: "FreeBSD",
	0xa6: "OpenBSD", 0xaf: "HFS+", 0xef: "EFI system", 0xfd: "Linux RAID",
}

// readExt reads the superblock of ext2, ext3 or ext4, where the partition has one: see the kernel's
// Documentation/filesystems/ext4/super.rst.
func readExt(r io.ReaderAt, row *devicePartition) {
	const (
		at       = 1024
		wideBit  = 0x80
		shiftMax = 6 // blocks of 64 KiB
	)
	super := make([]byte, 0x154)
	if _, err := r.ReadAt(super, row.Offset+at); err != nil || binary.LittleEndian.Uint16(super[56:]) != 0xef53 {
		return
	}
	shift := binary.LittleEndian.Uint32(super[24:])
	blocks := uint64(binary.LittleEndian.Uint32(super[4:]))
	if binary.LittleEndian.Uint32(super[0x60:])&wideBit != 0 {
		blocks |= uint64(binary.LittleEndian.Uint32(super[0x150:])) << 32
	}
	if shift > shiftMax || blocks > 1<<62 {
		return
	}
	row.BlockSize = tables.Some(int64(1024) << shift)
	row.Blocks = tables.Some(int64(blocks)) // #nosec G115 -- bounded above
	row.Inodes = tables.Some(int64(binary.LittleEndian.Uint32(super)))
}
