package pefile

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

func text(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func pad(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }

func versionBlock(name string, kind uint16, value []byte, valueLength int, children ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint16(make([]byte, 2), uint16(valueLength))
	b = binary.LittleEndian.AppendUint16(b, kind)
	b = pad(append(b, text(name)...))
	b = append(b, value...)
	for _, child := range children {
		b = append(pad(b), child...)
	}
	binary.LittleEndian.PutUint16(b, uint16(len(b)))
	return b
}

func sampleVersion() []byte {
	fixed := make([]byte, 52)
	for i, v := range []uint32{0xFEEF04BD, 0x10000, 10 << 16, 22621<<16 | 1, 11<<16 | 2, 3<<16 | 4} {
		binary.LittleEndian.PutUint32(fixed[4*i:], v)
	}
	str := func(name, value string) []byte { return versionBlock(name, 1, text(value), len(value)+1) }
	return versionBlock("VS_VERSION_INFO", 0, fixed, len(fixed),
		versionBlock("StringFileInfo", 1, nil, 0, versionBlock("040904b0", 1, nil, 0, str("CompanyName", "Contoso"), str("OriginalFilename", "tool.exe"))),
		versionBlock("VarFileInfo", 1, nil, 0))
}

// sampleFile is the smallest 64-bit file with a version resource.
func sampleFile() []byte {
	const optional, sectionAt, virtual = 112 + 16*8, 0x400, 0x1000
	b := make([]byte, sectionAt)
	copy(b, "MZ")
	binary.LittleEndian.PutUint32(b[60:], 0x80)
	copy(b[0x80:], "PE\x00\x00")
	binary.LittleEndian.PutUint16(b[0x86:], 1)
	binary.LittleEndian.PutUint16(b[0x94:], optional)
	opt := b[0x98:]
	binary.LittleEndian.PutUint16(opt, 0x20B)
	binary.LittleEndian.PutUint32(opt[108:], 16)
	binary.LittleEndian.PutUint32(opt[112+8*resources:], virtual)
	binary.LittleEndian.PutUint32(opt[112+8*signatures:], 0x9000)
	binary.LittleEndian.PutUint32(opt[112+8*signatures+4:], 64)
	version := sampleVersion()
	var tree []byte
	for i, id := range []uint32{versionType, 1, 1033} { // three directories of one entry, then the leaf
		tree = append(tree, make([]byte, 14)...)
		tree = binary.LittleEndian.AppendUint16(tree, 1)
		tree = binary.LittleEndian.AppendUint32(tree, id)
		next := uint32(24 * (i + 1))
		if i < 2 {
			next |= 1 << 31
		}
		tree = binary.LittleEndian.AppendUint32(tree, next)
	}
	tree = binary.LittleEndian.AppendUint32(tree, virtual+88)
	tree = binary.LittleEndian.AppendUint32(tree, uint32(len(version)))
	tree = append(tree, make([]byte, 8)...)
	body := append(tree, version...)
	s := b[0x98+optional:]
	copy(s, ".rsrc")
	for i, v := range []uint32{uint32(len(body)), virtual, uint32(len(body)), sectionAt} {
		binary.LittleEndian.PutUint32(s[8+4*i:], v)
	}
	return append(b, body...)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	f, err := Open(bytes.NewReader(sampleFile()))
	if err != nil {
		t.Fatal(err)
	}
	v, ok := f.Version()
	if !ok || v.File != "10.0.22621.1" || v.Product != "11.2.3.4" || v.Texts["OriginalFilename"] != "tool.exe" || v.Texts["CompanyName"] != "Contoso" {
		t.Errorf("%+v, %v", v, ok)
	}
	if f.Signature != (Extent{0x9000, 64}) {
		t.Errorf("signature at %+v", f.Signature)
	}
}

func TestNoProgram(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"empty": nil, "text": []byte("#!/bin/sh\n"), "cut": sampleFile()[:0x90], "no header": append([]byte("MZ"), make([]byte, 62)...),
	} {
		if _, err := Open(bytes.NewReader(data)); err == nil {
			t.Errorf("%s was taken for a program", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(sampleFile())
	f.Add([]byte("MZ"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if file, err := Open(bytes.NewReader(data)); err == nil {
			file.Version()
		}
	})
}

func FuzzParseVersion(f *testing.F) {
	f.Add(sampleVersion())
	f.Fuzz(func(_ *testing.T, data []byte) { parseVersion(data) })
}
