package registry

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"time"
)

// The hive format is described in https://github.com/msuhanov/regf: a header of 4 KiB, then cells, which refer to each
// other by their offset after the header. A cell starts with its size, negative while it is in use.
const (
	hiveMagic   = "regf"
	cellsStart  = 0x1000
	rootAt      = 0x24 // in the header
	noCell      = ^uint32(0)
	cellMax     = 1 << 20 // the largest real cell is a list of 65,535 elements
	subkeysMax  = 200_000 // of one key
	valuesMax   = 50_000  // of one key
	dataMax     = 4 << 20 // of one value
	segmentSize = 16344   // of data too long for one cell
	pageSize    = 64 << 10
	pagesMax    = 256
)

// hive is a hive file. Whoever wrote it decides what its offsets say, so every one is checked.
type hive struct {
	file  io.ReaderAt
	size  int64
	root  uint32
	pages map[int64][]byte
}

// readHive gives the root key of a hive. The file must stay open while keys are used.
func readHive(file io.ReaderAt, size int64) (node, error) {
	h := &hive{file: file, size: size, pages: map[int64][]byte{}}
	header := make([]byte, cellsStart)
	if _, err := file.ReadAt(header, 0); err != nil {
		return nil, errors.New("shorter than its header")
	}
	if string(header[:4]) != hiveMagic {
		return nil, errNoHive
	}
	h.root = binary.LittleEndian.Uint32(header[rootAt:])
	root, ok := h.key(h.root)
	if !ok {
		return nil, errors.New("has no root key")
	}
	return root, nil
}

// bytes copies n bytes from an offset of the file; nil where they are not there.
func (h *hive) bytes(at int64, n int) []byte {
	if at < 0 || n < 0 || at+int64(n) > h.size {
		return nil
	}
	out := make([]byte, 0, n)
	for len(out) < n {
		start := (at + int64(len(out))) / pageSize * pageSize
		page := h.page(start)
		from := at + int64(len(out)) - start
		if from >= int64(len(page)) {
			return nil // shorter than it was
		}
		out = append(out, page[from:min(int64(len(page)), from+int64(n-len(out)))]...)
	}
	return out
}

// page keeps what was read lately: keys that belong together lie together.
func (h *hive) page(start int64) []byte {
	if page, ok := h.pages[start]; ok {
		return page
	}
	if len(h.pages) >= pagesMax {
		clear(h.pages)
	}
	page := make([]byte, min(pageSize, h.size-start))
	n, _ := h.file.ReadAt(page, start) // what is missing shows in the length
	h.pages[start] = page[:n]
	return page[:n]
}

// cell gives the content of a cell in use; nil where there is none.
func (h *hive) cell(offset uint32) []byte {
	if offset == noCell {
		return nil
	}
	at := cellsStart + int64(offset)
	head := h.bytes(at, 4)
	if head == nil {
		return nil
	}
	size := -int64(int32(binary.LittleEndian.Uint32(head)))
	if size <= 4 || size > cellMax {
		return nil
	}
	return h.bytes(at+4, int(size-4))
}

// hiveKey is an nk cell.
type hiveKey struct {
	hive   *hive
	offset uint32
	cell   []byte
}

const keyHeader = 0x4C // of an nk cell, before its name

func (h *hive) key(offset uint32) (*hiveKey, bool) {
	cell := h.cell(offset)
	if len(cell) < keyHeader || string(cell[:2]) != "nk" {
		return nil, false
	}
	return &hiveKey{h, offset, cell}, true
}

func (k *hiveKey) u32(at int) uint32 { return binary.LittleEndian.Uint32(k.cell[at:]) }

func (k *hiveKey) name() string {
	length := int(binary.LittleEndian.Uint16(k.cell[0x48:]))
	flags := binary.LittleEndian.Uint16(k.cell[2:])
	return hiveName(k.cell[keyHeader:], length, flags&0x20 != 0)
}

// hiveName decodes a name: one byte a character of Latin-1 where it is compressed, else UTF-16.
func hiveName(data []byte, length int, compressed bool) string {
	if length > len(data) {
		length = len(data)
	}
	if !compressed {
		return UTF16(data[:length])
	}
	runes := make([]rune, length)
	for i, b := range data[:length] {
		runes[i] = rune(b)
	}
	return string(runes)
}

func (k *hiveKey) written() time.Time { return FileTime(binary.LittleEndian.Uint64(k.cell[4:])) }

// FileTime turns 100-nanosecond steps since 1601 into a time; 0 is the zero time.
func FileTime(steps uint64) time.Time {
	if steps == 0 || steps > 1<<63-1 {
		return time.Time{}
	}
	const since1601 = 116444736000000000
	since := int64(steps) - since1601
	return time.Unix(since/1e7, since%1e7*100).UTC()
}

// each visits the keys below. A key is only taken where it names this one as its parent, and the root never: so the keys
// form a tree, whatever the lists say.
func (k *hiveKey) each(visit func(*hiveKey) (more bool)) {
	if count := k.u32(0x14); count == 0 || count == noCell {
		return
	}
	seen := map[uint32]bool{}
	k.list(k.u32(0x1C), true, func(offset uint32) bool {
		if seen[offset] || offset == k.hive.root || len(seen) >= subkeysMax {
			return len(seen) < subkeysMax
		}
		seen[offset] = true
		child, ok := k.hive.key(offset)
		if !ok || child.u32(0x10) != k.offset {
			return true
		}
		return visit(child)
	})
}

// list walks the list of subkeys: lf and lh hold offsets with a hash each, li offsets, ri offsets of such lists.
func (k *hiveKey) list(offset uint32, nested bool, visit func(offset uint32) (more bool)) bool {
	cell := k.hive.cell(offset)
	if len(cell) < 4 {
		return true
	}
	step := 4
	kind := string(cell[:2])
	switch kind {
	case "lf", "lh":
		step = 8
	case "li":
	case "ri":
		if !nested {
			return true // lists of lists of lists do not occur
		}
	default:
		return true
	}
	count := int(binary.LittleEndian.Uint16(cell[2:]))
	for rest := cell[4:]; count > 0 && len(rest) >= step; count, rest = count-1, rest[step:] {
		element := binary.LittleEndian.Uint32(rest)
		more := true
		if kind == "ri" {
			more = k.list(element, false, visit)
		} else {
			more = visit(element)
		}
		if !more {
			return false
		}
	}
	return true
}

func (k *hiveKey) subkeys() []string {
	var names []string
	k.each(func(child *hiveKey) bool {
		names = append(names, child.name())
		return true
	})
	return names
}

func (k *hiveKey) child(name string) node {
	var found node
	k.each(func(child *hiveKey) bool {
		if strings.EqualFold(child.name(), name) {
			found = child
		}
		return found == nil
	})
	return found
}

func (k *hiveKey) values() []Value {
	count := int64(k.u32(0x24))
	if count == 0 || count > valuesMax {
		return nil
	}
	list := k.hive.cell(k.u32(0x28))
	var values []Value
	for ; count > 0 && len(list) >= 4; count, list = count-1, list[4:] {
		if v, ok := k.hive.value(binary.LittleEndian.Uint32(list)); ok {
			values = append(values, v)
		}
	}
	return values
}

const valueHeader = 0x14 // of a vk cell, before its name

func (h *hive) value(offset uint32) (Value, bool) {
	cell := h.cell(offset)
	if len(cell) < valueHeader || string(cell[:2]) != "vk" {
		return Value{}, false
	}
	nameLength, flags := int(binary.LittleEndian.Uint16(cell[2:])), binary.LittleEndian.Uint16(cell[0x10:])
	v := Value{Name: hiveName(cell[valueHeader:], nameLength, flags&1 != 0), Type: binary.LittleEndian.Uint32(cell[0xC:])}
	const inline = 1 << 31
	switch length := binary.LittleEndian.Uint32(cell[4:]); {
	case length&inline != 0:
		if length &^= inline; length > 4 {
			return Value{}, false
		}
		v.Data = cell[8 : 8+length]
	case length > dataMax:
		return Value{}, false
	case length > 0:
		v.Data = h.data(binary.LittleEndian.Uint32(cell[8:]), int(length))
		if v.Data == nil {
			return Value{}, false
		}
	}
	return v, true
}

// data gives the data of a value, which is cut into segments where it does not fit into one cell.
func (h *hive) data(offset uint32, length int) []byte {
	cell := h.cell(offset)
	if length <= segmentSize || len(cell) < 8 || string(cell[:2]) != "db" {
		if len(cell) < length {
			return nil
		}
		return cell[:length]
	}
	segments := h.cell(binary.LittleEndian.Uint32(cell[4:]))
	var out []byte
	for count := binary.LittleEndian.Uint16(cell[2:]); count > 0 && len(segments) >= 4 && len(out) < length; count, segments = count-1, segments[4:] {
		part := h.cell(binary.LittleEndian.Uint32(segments))
		out = append(out, part[:min(len(part), segmentSize, length-len(out))]...)
	}
	if len(out) < length {
		return nil
	}
	return out
}
