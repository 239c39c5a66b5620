// Package smbios reads the tables that firmware gives the operating system about the machine's parts, as DMTF's DSP0134
// describes them.
//
// A structure is a formatted part, whose length grew with the versions of the standard, and texts that it refers to by
// number. Firmware is often wrong about itself: what lies outside a structure is absent, not an error.
package smbios

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The kinds of structure that tables show.
const (
	TypeFirmware                  = 0
	TypeSystem                    = 1
	TypeBoard                     = 2
	TypeChassis                   = 3
	TypeProcessor                 = 4
	TypeOEMStrings                = 11
	TypeMemoryArray               = 16
	TypeMemoryDevice              = 17
	TypeMemoryError               = 18
	TypeMemoryArrayMappedAddress  = 19
	TypeMemoryDeviceMappedAddress = 20
)

// Structure is one entry.
type Structure struct {
	Type   byte
	Handle uint16
	Raw    []byte // the whole entry with its texts

	formatted []byte
	texts     []byte
}

const headerSize = 4 // type, length, handle

// Parse cuts data into its structures, up to the first that is malformed.
func Parse(data []byte) []Structure {
	var found []Structure
	for len(data) >= headerSize {
		size := int(data[1])
		if size < headerSize || size > len(data) {
			break
		}
		end := len(data)
		if at := bytes.Index(data[size:], []byte{0, 0}); at >= 0 {
			end = size + at + 2
		}
		found = append(found, Structure{
			Type: data[0], Handle: binary.LittleEndian.Uint16(data[2:]), Raw: data[:end], formatted: data[:size], texts: data[size:end],
		})
		data = data[end:]
	}
	return found
}

// HeaderSize is the length of the formatted part.
func (s *Structure) HeaderSize() int { return len(s.formatted) }

// Byte reads a field of one byte; it is false where this structure is too short to have it.
func (s *Structure) Byte(at int) (byte, bool) {
	if at >= len(s.formatted) {
		return 0, false
	}
	return s.formatted[at], true
}

// Word reads a field of two bytes.
func (s *Structure) Word(at int) (uint16, bool) {
	if at+2 > len(s.formatted) {
		return 0, false
	}
	return binary.LittleEndian.Uint16(s.formatted[at:]), true
}

// DWord reads a field of four bytes.
func (s *Structure) DWord(at int) (uint32, bool) {
	if at+4 > len(s.formatted) {
		return 0, false
	}
	return binary.LittleEndian.Uint32(s.formatted[at:]), true
}

// QWord reads a field of eight bytes.
func (s *Structure) QWord(at int) (uint64, bool) {
	if at+8 > len(s.formatted) {
		return 0, false
	}
	return binary.LittleEndian.Uint64(s.formatted[at:]), true
}

// UUID writes the 16 bytes of an identifier, of which the first three numbers are little-endian; "" where they are not
// there, or say that none is set.
func (s *Structure) UUID(at int) string {
	if at+16 > len(s.formatted) {
		return ""
	}
	b := s.formatted[at : at+16]
	if zero, ones := [16]byte{}, bytes.Repeat([]byte{0xFF}, 16); bytes.Equal(b, zero[:]) || bytes.Equal(b, ones) {
		return ""
	}
	return fmt.Sprintf("%08X-%04X-%04X-%X-%X", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:]), b[8:10], b[10:])
}

// Text gives the text whose number a field holds, without blanks at its end; empty where there is none.
func (s *Structure) Text(at int) string {
	number, _ := s.Byte(at)
	return s.TextNumber(int(number))
}

// TextNumber gives a text by its number, from 1.
func (s *Structure) TextNumber(number int) string {
	texts := s.texts
	for ; number > 0; number-- {
		text, rest, found := bytes.Cut(texts, []byte{0})
		if !found {
			return ""
		}
		if number == 1 {
			return string(bytes.TrimRight(text, " \t\r\n"))
		}
		texts = rest
	}
	return ""
}
