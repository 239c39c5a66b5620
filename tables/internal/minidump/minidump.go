// Package minidump reads dumps of programs that crashed: when, where and of what did it crash?
// Format: minidumpapiset.h. A dump can be as large as the process was; only its directory and a few streams are read, every
// offset is checked and every size bounded.
package minidump

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables/internal/registry"
)

// Dump is what a dump tells.
type Dump struct {
	Time, Started       time.Time // when it was written, and when the process had started
	PID, Thread         uint32
	Code                uint32 // of the exception; 0 where there was none
	Address             uint64
	Major, Minor, Build uint32 // of Windows
	Program             Module // the first module
	modules             []Module
}

// Module is a program or library that was loaded.
type Module struct {
	Path, Version string
	base          uint64
	size          uint32
}

const (
	modules        = 4
	exceptions     = 6
	system         = 7
	misc           = 15
	streamsMax     = 256
	modulesMax     = 4096
	moduleBytes    = 108
	nameMax        = 64 << 10
	headerBytes    = 32
	processTimes   = 2 // the flag of misc that the times are there
	processID      = 1
	directoryEntry = 12
)

var errNoDump = errors.New("not a dump")

// Read reads a dump.
func Read(r io.ReaderAt) (*Dump, error) {
	head := make([]byte, headerBytes)
	if _, err := r.ReadAt(head, 0); err != nil || string(head[:4]) != "MDMP" {
		return nil, errNoDump
	}
	u32 := func(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	d := &Dump{Time: time.Unix(int64(u32(head, 20)), 0).UTC()}
	count := u32(head, 8)
	if count > streamsMax {
		return nil, fmt.Errorf("dump of %d streams", count)
	}
	directory, err := piece(r, u32(head, 12), count*directoryEntry)
	if err != nil {
		return nil, err
	}
	for ; len(directory) >= directoryEntry; directory = directory[directoryEntry:] {
		kind, size, at := u32(directory, 0), u32(directory, 4), u32(directory, 8)
		switch kind {
		case exceptions:
			if b, err := piece(r, at, min(size, 40)); err == nil && len(b) >= 32 {
				d.Thread, d.Code, d.Address = u32(b, 0), u32(b, 8), binary.LittleEndian.Uint64(b[24:])
			}
		case system:
			if b, err := piece(r, at, min(size, 24)); err == nil && len(b) >= 20 {
				d.Major, d.Minor, d.Build = u32(b, 8), u32(b, 12), u32(b, 16)
			}
		case misc:
			if b, err := piece(r, at, min(size, 24)); err == nil && len(b) >= 24 {
				if u32(b, 4)&processID != 0 {
					d.PID = u32(b, 8)
				}
				if u32(b, 4)&processTimes != 0 {
					d.Started = time.Unix(int64(u32(b, 12)), 0).UTC()
				}
			}
		case modules:
			d.readModules(r, at, size)
		}
	}
	if len(d.modules) > 0 {
		d.Program = d.modules[0]
	}
	return d, nil
}

// readModules reads the list as far as it is whole.
func (d *Dump) readModules(r io.ReaderAt, at, size uint32) {
	b, err := piece(r, at, min(size, 4+modulesMax*moduleBytes))
	if err != nil || len(b) < 4 {
		return
	}
	count := min(binary.LittleEndian.Uint32(b), modulesMax)
	for b = b[4:]; count > 0 && len(b) >= moduleBytes; count, b = count-1, b[moduleBytes:] {
		m := Module{base: binary.LittleEndian.Uint64(b), size: binary.LittleEndian.Uint32(b[8:])}
		const fixedVersion = 0xFEEF04BD
		if binary.LittleEndian.Uint32(b[24:]) == fixedVersion {
			high, low := binary.LittleEndian.Uint32(b[32:]), binary.LittleEndian.Uint32(b[36:])
			m.Version = fmt.Sprintf("%d.%d.%d.%d", high>>16, high&0xFFFF, low>>16, low&0xFFFF)
		}
		m.Path = text(r, binary.LittleEndian.Uint32(b[20:]))
		d.modules = append(d.modules, m)
	}
}

// ModuleAt gives the module that holds an address; the zero Module where none does.
func (d *Dump) ModuleAt(address uint64) Module {
	for _, m := range d.modules {
		if address >= m.base && address-m.base < uint64(m.size) {
			return m
		}
	}
	return Module{}
}

// text reads a text with its length in bytes before it.
func text(r io.ReaderAt, at uint32) string {
	length, err := piece(r, at, 4)
	if err != nil {
		return ""
	}
	n := binary.LittleEndian.Uint32(length)
	if n > nameMax {
		return ""
	}
	data, err := piece(r, at+4, n)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(registry.UTF16(data), "\x00")
	return name
}

func piece(r io.ReaderAt, at, size uint32) ([]byte, error) {
	b := make([]byte, size)
	if n, err := r.ReadAt(b, int64(at)); n < len(b) {
		return nil, fmt.Errorf("dump is cut short: %w", err)
	}
	return b, nil
}
