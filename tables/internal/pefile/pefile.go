// Package pefile reads what a program file of Windows says of itself: its version resource and where its signature lies.
// Whoever wrote a file decides what it says, so every offset is checked and every size bounded.
// Format: https://learn.microsoft.com/windows/win32/debug/pe-format.
package pefile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/tenantra/tenantra/tables/internal/registry"
)

// The directories that are read, by their number in the optional header.
const (
	resources  = 2
	signatures = 4
)

const (
	sectionsMax  = 96 // Windows loads no more
	entriesMax   = 4096
	resourceMax  = 64 << 10
	versionType  = 16
	optionalMax  = 1024
	sectionBytes = 40
)

var errNoProgram = errors.New("not a program file of Windows")

// File is an open program file.
type File struct {
	r        io.ReaderAt
	sections []section
	// Where the parts lie that a signature leaves out of its digest.
	ChecksumAt, SignatureEntryAt int64
	// Signature is the table of signatures, 0 bytes at 0 where there is none.
	Signature   Extent
	Machine     uint16 // the processor that it is for, by the number of the format
	resourcesAt uint32
}

// Extent is a part of the file.
type Extent struct{ At, Size int64 }

type section struct{ virtual, virtualSize, raw, rawSize uint32 }

// Open reads the headers.
func Open(r io.ReaderAt) (*File, error) {
	head := make([]byte, 64)
	if _, err := r.ReadAt(head, 0); err != nil || string(head[:2]) != "MZ" {
		return nil, errNoProgram
	}
	at := int64(binary.LittleEndian.Uint32(head[60:]))
	coff := make([]byte, 24)
	if _, err := r.ReadAt(coff, at); err != nil || string(coff[:4]) != "PE\x00\x00" {
		return nil, errNoProgram
	}
	count, optionalSize := int(binary.LittleEndian.Uint16(coff[6:])), int(binary.LittleEndian.Uint16(coff[20:]))
	if count > sectionsMax || optionalSize < 96 || optionalSize > optionalMax {
		return nil, errNoProgram
	}
	rest := make([]byte, optionalSize+count*sectionBytes)
	if _, err := r.ReadAt(rest, at+24); err != nil {
		return nil, fmt.Errorf("headers are cut short: %w", err)
	}
	f := &File{r: r, ChecksumAt: at + 24 + 64, Machine: binary.LittleEndian.Uint16(coff[4:])}
	directories := 96
	if binary.LittleEndian.Uint16(rest) == 0x20B { // 64 bits
		directories = 112
	}
	directory := func(i int) (address, size uint32) {
		from := directories + 8*i
		if from+8 > optionalSize || uint32(i) >= binary.LittleEndian.Uint32(rest[directories-4:]) {
			return 0, 0
		}
		return binary.LittleEndian.Uint32(rest[from:]), binary.LittleEndian.Uint32(rest[from+4:])
	}
	if directories > optionalSize {
		return nil, errNoProgram
	}
	f.resourcesAt, _ = directory(resources)
	signed, size := directory(signatures) // an offset in the file, unlike the others
	f.Signature, f.SignatureEntryAt = Extent{int64(signed), int64(size)}, at+24+int64(directories)+8*signatures
	for s := rest[optionalSize:]; len(s) >= sectionBytes; s = s[sectionBytes:] {
		f.sections = append(f.sections, section{
			virtual: binary.LittleEndian.Uint32(s[12:]), virtualSize: binary.LittleEndian.Uint32(s[8:]),
			raw: binary.LittleEndian.Uint32(s[20:]), rawSize: binary.LittleEndian.Uint32(s[16:]),
		})
	}
	return f, nil
}

// read gives n bytes of a virtual address; nil where they are not in the file.
func (f *File) read(address uint32, n int) []byte {
	for _, s := range f.sections {
		if address < s.virtual || uint64(address)+uint64(n) > uint64(s.virtual)+uint64(s.rawSize) {
			continue
		}
		data := make([]byte, n)
		if _, err := f.r.ReadAt(data, int64(s.raw)+int64(address-s.virtual)); err != nil {
			return nil
		}
		return data
	}
	return nil
}

// Version is what the version resource tells; "" where it does not.
type Version struct {
	File    string // 10.0.22621.1
	Product string
	Texts   map[string]string // OriginalFilename, ProductName, CompanyName and others
}

// Version reads the version resource: the first of its kind, in its first language.
func (f *File) Version() (Version, bool) {
	if f.resourcesAt == 0 {
		return Version{}, false
	}
	at, ok := f.resource(0, versionType)
	if ok {
		at, ok = f.resource(at, -1)
	}
	if ok {
		at, ok = f.resource(at, -1)
	}
	if !ok {
		return Version{}, false
	}
	leaf := f.read(f.resourcesAt+at, 16)
	if leaf == nil {
		return Version{}, false
	}
	address, size := binary.LittleEndian.Uint32(leaf), binary.LittleEndian.Uint32(leaf[4:])
	if size > resourceMax {
		return Version{}, false
	}
	return parseVersion(f.read(address, int(size)))
}

// resource finds an entry of a directory of resources by its number, or its first one where id is negative.
func (f *File) resource(offset uint32, id int64) (next uint32, ok bool) {
	const subdirectory = 1 << 31
	head := f.read(f.resourcesAt+offset, 16)
	if head == nil {
		return 0, false
	}
	count := int(binary.LittleEndian.Uint16(head[12:])) + int(binary.LittleEndian.Uint16(head[14:]))
	for i := range min(count, entriesMax) {
		entry := f.read(f.resourcesAt+offset+16+uint32(i)*8, 8)
		if entry == nil {
			return 0, false
		}
		if id < 0 || int64(binary.LittleEndian.Uint32(entry)) == id {
			return binary.LittleEndian.Uint32(entry[4:]) &^ subdirectory, true
		}
	}
	return 0, false
}

// block is one part of a version resource: a name, a value, and parts below.
type block struct {
	name            string
	isText          bool
	value, children []byte
}

// cutBlock takes the first block off data.
func cutBlock(data []byte) (b block, rest []byte, ok bool) {
	if len(data) < 6 {
		return b, nil, false
	}
	length, valueLength := int(binary.LittleEndian.Uint16(data)), int(binary.LittleEndian.Uint16(data[2:]))
	b.isText = binary.LittleEndian.Uint16(data[4:]) == 1
	if length < 6 || length > len(data) {
		return b, nil, false
	}
	rest = data[min(len(data), (length+3)&^3):]
	data = data[:length]
	end := 6
	for end+1 < length && (data[end] != 0 || data[end+1] != 0) {
		end += 2
	}
	b.name = registry.UTF16(data[6:min(end, length)])
	from := min((end+2+3)&^3, length)
	if b.isText {
		valueLength *= 2
	}
	to := min(from+valueLength, length)
	b.value = data[from:to]
	b.children = data[min((to+3)&^3, length):]
	return b, rest, true
}

// parseVersion reads a VS_VERSIONINFO.
func parseVersion(data []byte) (Version, bool) {
	root, _, ok := cutBlock(data)
	if !ok || root.name != "VS_VERSION_INFO" {
		return Version{}, false
	}
	v := Version{Texts: map[string]string{}}
	const magic = 0xFEEF04BD
	if len(root.value) >= 52 && binary.LittleEndian.Uint32(root.value) == magic {
		v.File, v.Product = fourNumbers(root.value[8:]), fourNumbers(root.value[16:])
	}
	eachBlock(root.children, func(kind block) {
		if kind.name != "StringFileInfo" {
			return
		}
		eachBlock(kind.children, func(language block) {
			eachBlock(language.children, func(text block) {
				if _, twice := v.Texts[text.name]; !twice {
					v.Texts[text.name] = registry.UTF16(text.value)
				}
			})
		})
	})
	return v, true
}

func eachBlock(data []byte, visit func(block)) {
	for {
		b, rest, ok := cutBlock(data)
		if !ok {
			return
		}
		visit(b)
		data = rest
	}
}

// fourNumbers writes two 32-bit halves of a version, the high one first.
func fourNumbers(data []byte) string {
	high, low := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:])
	return fmt.Sprintf("%d.%d.%d.%d", high>>16, high&0xFFFF, low>>16, low&0xFFFF)
}
