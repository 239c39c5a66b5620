package codesign

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrNotMachO says that a file is no program of macOS.
var ErrNotMachO = errors.New("is no Mach-O file")

// Numbers of the Mach-O format.
const (
	magicFat   = 0xcafebabe
	magicFat64 = 0xcafebabf
	magic32    = 0xfeedface
	magic64    = 0xfeedfacf

	loadSignature = 0x1d
	commandsMax   = 1 << 20
	slicesMax     = 16 // a Java class has the magic of a fat file, and a version in the place of the count
)

// Read gives the signature of each architecture of a program. One that is not signed has none of a name; where no
// architecture is signed the error is ErrUnsigned.
func Read(file io.ReaderAt, size int64) ([]*Signature, error) {
	slices, err := slicesOf(file, size)
	if err != nil {
		return nil, err
	}
	var signatures []*Signature
	for _, slice := range slices {
		s, err := readSlice(slice)
		if errors.Is(err, ErrUnsigned) {
			continue
		}
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, s)
	}
	if len(signatures) == 0 {
		return nil, ErrUnsigned
	}
	return signatures, nil
}

// slicesOf cuts a fat file into its architectures; another file is one slice.
func slicesOf(file io.ReaderAt, size int64) ([]*io.SectionReader, error) {
	var head [8]byte
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return nil, ErrNotMachO
	}
	magic, count := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	if magic != magicFat && magic != magicFat64 {
		return []*io.SectionReader{io.NewSectionReader(file, 0, size)}, nil
	}
	if count == 0 || count > slicesMax {
		return nil, ErrNotMachO
	}
	width := 20
	if magic == magicFat64 {
		width = 32
	}
	entries := make([]byte, width*int(count))
	if _, err := file.ReadAt(entries, 8); err != nil {
		return nil, ErrNotMachO
	}
	var slices []*io.SectionReader
	for i := range int(count) {
		entry := entries[i*width:]
		offset, length := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if magic == magicFat64 {
			offset, length = binary.BigEndian.Uint64(entry[8:]), binary.BigEndian.Uint64(entry[16:])
		}
		if offset > uint64(size) || length > uint64(size)-offset {
			return nil, ErrNotMachO
		}
		slices = append(slices, io.NewSectionReader(file, int64(offset), int64(length)))
	}
	return slices, nil
}

// readSlice finds the signature among the load commands.
func readSlice(slice *io.SectionReader) (*Signature, error) {
	var head [32]byte
	if _, err := slice.ReadAt(head[:], 0); err != nil {
		return nil, ErrNotMachO
	}
	order, headSize, ok := layout(head[:4])
	if !ok {
		return nil, ErrNotMachO
	}
	commandCount, commandSize := order.Uint32(head[16:]), order.Uint32(head[20:])
	if commandSize > commandsMax {
		return nil, ErrNotMachO
	}
	commands := make([]byte, commandSize)
	if _, err := slice.ReadAt(commands, headSize); err != nil {
		return nil, fmt.Errorf("load commands: %w", ErrNotMachO)
	}
	for range commandCount {
		if len(commands) < 8 {
			break
		}
		kind, length := order.Uint32(commands), order.Uint32(commands[4:])
		if length < 8 || uint64(length) > uint64(len(commands)) {
			return nil, fmt.Errorf("load commands: %w", ErrNotMachO)
		}
		if kind == loadSignature && length >= 16 {
			offset, size := order.Uint32(commands[8:]), order.Uint32(commands[12:])
			if size > signatureMax {
				return nil, errDamaged
			}
			data := make([]byte, size)
			if _, err := slice.ReadAt(data, int64(offset)); err != nil {
				return nil, errDamaged
			}
			s, err := parse(data)
			if err != nil {
				return nil, err
			}
			s.Arch, s.slice = archName(order.Uint32(head[4:]), order.Uint32(head[8:])), slice
			return s, nil
		}
		commands = commands[length:]
	}
	return nil, ErrUnsigned
}

// layout tells the order of bytes and the length of the header by the magic.
func layout(magic []byte) (order binary.ByteOrder, headSize int64, ok bool) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(magic) {
		case magic32:
			return order, 28, true
		case magic64:
			return order, 32, true
		}
	}
	return nil, 0, false
}

// archName names an architecture as lipo(1) does.
func archName(cpu, subtype uint32) string {
	const pointerAuthentication = 2
	switch cpu {
	case 7:
		return "i386"
	case 0x01000007:
		return "x86_64"
	case 12:
		return "arm"
	case 0x0100000c:
		if subtype&0xffffff == pointerAuthentication {
			return "arm64e"
		}
		return "arm64"
	case 18:
		return "ppc"
	default:
		return fmt.Sprintf("cpu %d", cpu)
	}
}
