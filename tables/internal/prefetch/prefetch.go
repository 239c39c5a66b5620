// Package prefetch reads the traces that Windows keeps of how programs start (C:\Windows\Prefetch\*.pf): how often and when
// did a program run, and which files did it use?
// Format: https://github.com/libyal/libscca/blob/main/documentation. Every offset is checked, every size bounded.
package prefetch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables/internal/registry"
)

// Trace is what one file tells.
type Trace struct {
	Program     string // name of the program, of at most 29 characters
	Hash        uint32 // of its path
	RunCount    uint32
	Runs        []time.Time // the latest first, at most eight
	Files       []string    // by device path
	Directories []string
	Volumes     []Volume
}

// Volume is a volume that the program used.
type Volume struct {
	Device  string
	Serial  uint32
	Created time.Time
}

// Max is the largest trace; real ones have up to some hundred KiB.
const Max = 16 << 20

const (
	compressed = "MAM\x04"
	magic      = "SCCA"
	header     = 84
	volumesMax = 64
	stringsMax = 65_536
)

var errNoTrace = errors.New("not a trace of a program")

// Parse reads a trace of Windows XP or later, compressed or not.
func Parse(data []byte) (*Trace, error) {
	if bytes.HasPrefix(data, []byte(compressed)) && len(data) >= 8 {
		size := binary.LittleEndian.Uint32(data[4:])
		if size > Max {
			return nil, fmt.Errorf("larger than %d MiB", Max>>20)
		}
		var err error
		if data, err = decompress(data[8:], int(size)); err != nil {
			return nil, err
		}
	}
	if len(data) < header+72 || string(data[4:8]) != magic {
		return nil, errNoTrace
	}
	t := &Trace{Hash: binary.LittleEndian.Uint32(data[76:])}
	t.Program, _, _ = strings.Cut(registry.UTF16(data[16:76]), "\x00")
	u32 := func(at int) uint32 {
		if at+4 > len(data) {
			return 0
		}
		return binary.LittleEndian.Uint32(data[at:])
	}
	// Where the runs and their count stand, and how long the entry of a volume is.
	var runsAt, runs, countAt, volumeSize int
	switch version := binary.LittleEndian.Uint32(data); version {
	case 17: // XP
		runsAt, runs, countAt, volumeSize = header+36, 1, header+60, 40
	case 23: // Vista, 7
		runsAt, runs, countAt, volumeSize = header+44, 1, header+68, 104
	case 26: // 8
		runsAt, runs, countAt, volumeSize = header+44, 8, header+124, 104
	case 30, 31: // 10, 11
		runsAt, runs, countAt, volumeSize = header+44, 8, header+124, 96
		const shortInfo = 296 // the metrics follow a shorter head in later builds
		if u32(header) == shortInfo {
			countAt = header + 116
		}
	default:
		return nil, fmt.Errorf("trace of unknown version %d", version)
	}
	t.RunCount = u32(countAt)
	for i := range runs {
		at := runsAt + 8*i
		if at+8 > len(data) {
			break
		}
		if run := registry.FileTime(binary.LittleEndian.Uint64(data[at:])); !run.IsZero() {
			t.Runs = append(t.Runs, run)
		}
	}
	t.Files = texts(part(data, u32(header+16), u32(header+20)))
	t.volumes(part(data, u32(header+24), u32(header+32)), int(min(u32(header+28), volumesMax)), volumeSize)
	return t, nil
}

// part gives a piece of the data; nil where it is not there.
func part(data []byte, offset, size uint32) []byte {
	if uint64(offset)+uint64(size) > uint64(len(data)) {
		return nil
	}
	return data[offset : offset+size]
}

// texts parts texts that end in zeros.
func texts(data []byte) []string {
	var found []string
	for text := range strings.SplitSeq(registry.UTF16(data), "\x00") {
		if text != "" && len(found) < stringsMax {
			found = append(found, text)
		}
	}
	return found
}

func (t *Trace) volumes(data []byte, count, size int) {
	for i := range count {
		at := i * size
		if at+36 > len(data) {
			return
		}
		entry := data[at:]
		u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(entry[at:]) }
		v := Volume{Serial: u32(16), Created: registry.FileTime(binary.LittleEndian.Uint64(entry[8:]))}
		if name := part(data, u32(0), min(u32(4), 1<<15)*2); name != nil {
			v.Device = registry.UTF16(name)
		}
		t.Volumes = append(t.Volumes, v)
		// Names of directories: each has its length before it and a zero behind it.
		offset, left := u32(28), min(u32(32), stringsMax)
		for ; left > 0; left-- {
			length := part(data, offset, 2)
			if length == nil {
				break
			}
			n := uint32(binary.LittleEndian.Uint16(length)) * 2
			name := part(data, offset+2, n)
			if name == nil || len(t.Directories) >= stringsMax {
				break
			}
			t.Directories = append(t.Directories, registry.UTF16(name))
			offset += 2 + n + 2
		}
	}
}
