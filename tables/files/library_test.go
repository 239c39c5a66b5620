package files

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestGrep(t *testing.T)             { tabletest.Run(t, Grep) }
func TestLibraryInventory(t *testing.T) { tabletest.Run(t, LibraryInventory) }

func TestLibraryVersion(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"libssl.so.3": "3", "libc.so": "", "libstdc++.so.6.0.30": "6.0.30", "ld-linux-x86-64.so.2": "2", "libx.so.1-dev": "-", "a.sock": "-", ".so.1": "-", "module.so": "-",
		"libx.so.": "-", "lib.so.1.py": "-",
	} {
		version, is := libraryVersion(name)
		if is != (want != "-") || is && version != want {
			t.Errorf("%s is a library: %t, version %q", name, is, version)
		}
	}
}

func TestCompileGrep(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"(a+)+$": "", "(?=x)": "invalid", "(": "missing", strings.Repeat("a", grepPatternMax+1): "longer than", "((a{1,100}){1,100}){1,100}": "invalid",
	} {
		_, err := compileGrep([]string{pattern})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: error %v", pattern, err)
		}
	}
	if _, err := compileGrep(nil); err == nil {
		t.Error("no pattern is no error")
	}
}

// smallELF is a header and a dynamic section that says how large its strings are.
func smallELF(strings uint64) []byte {
	var b bytes.Buffer
	header := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT), Shoff: 64, Ehsize: 64, Shentsize: 64, Shnum: 2, Shstrndx: 1,
	}
	sections := []elf.Section64{{}, {Type: uint32(elf.SHT_STRTAB), Off: 0, Size: strings}}
	for _, part := range []any{header, sections} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func TestReadELF(t *testing.T) {
	t.Parallel()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(own)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var row library
	if err := readELF(f, &row); err != nil || !row.Arch.Valid {
		t.Errorf("%+v, error %v", row, err)
	}
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("#!/bin/sh"), "cut": smallELF(16)[:80], "huge": smallELF(1 << 40)} {
		var row library
		if err := readELF(bytes.NewReader(data), &row); err == nil {
			t.Errorf("%s: %s", name, cmp.Diff(library{}, row))
		}
	}
}

func FuzzReadELF(f *testing.F) {
	f.Add(smallELF(16))
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var row library
		if err := readELF(bytes.NewReader(data), &row); err == nil && !row.Arch.Valid {
			t.Errorf("%+v", row)
		}
	})
}
