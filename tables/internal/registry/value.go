package registry

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The types of values, as winnt.h numbers them.
const (
	None = iota
	SZ
	ExpandSZ
	Binary
	DWord
	DWordBigEndian
	Link
	MultiSZ
	ResourceList
	FullResourceDescriptor
	ResourceRequirementsList
	QWord
)

var typeNames = [...]string{
	"REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_LINK", "REG_MULTI_SZ",
	"REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR", "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD",
}

// TypeName names a type as Windows does; one that it does not know is UNKNOWN.
func TypeName(t uint32) string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "UNKNOWN"
}

// Value is one value of a key.
type Value struct {
	Name string // "" is the key's default value
	Type uint32
	Data []byte
}

// Text is the data as people read it: text as it is, several texts joined by commas, numbers in decimal, all else in
// hexadecimal digits.
func (v Value) Text() string {
	switch v.Type {
	case SZ, ExpandSZ, Link:
		text, _, _ := strings.Cut(UTF16(v.Data), "\x00")
		return text
	case MultiSZ:
		return strings.Join(v.Texts(), ",")
	case DWord, DWordBigEndian, QWord:
		if n, ok := v.uint(); ok {
			return strconv.FormatUint(n, 10)
		}
		return ""
	default:
		return strings.ToUpper(hex.EncodeToString(v.Data))
	}
}

// Texts gives the texts of a REG_MULTI_SZ, or the one of another text.
func (v Value) Texts() []string {
	switch v.Type {
	case MultiSZ:
		var texts []string
		for text := range strings.SplitSeq(UTF16(v.Data), "\x00") {
			if text != "" {
				texts = append(texts, text)
			}
		}
		return texts
	case SZ, ExpandSZ, Link:
		return []string{v.Text()}
	default:
		return nil
	}
}

// Int gives the number of a REG_DWORD or REG_QWORD, or of a text that is one.
func (v Value) Int() (n int64, ok bool) {
	if v.Type == SZ || v.Type == ExpandSZ {
		n, err := strconv.ParseInt(strings.TrimSpace(v.Text()), 10, 64)
		return n, err == nil
	}
	u, ok := v.uint()
	return int64(u), ok
}

func (v Value) uint() (uint64, bool) {
	switch {
	case v.Type == DWord && len(v.Data) >= 4:
		return uint64(binary.LittleEndian.Uint32(v.Data)), true
	case v.Type == DWordBigEndian && len(v.Data) >= 4:
		return uint64(binary.BigEndian.Uint32(v.Data)), true
	case v.Type == QWord && len(v.Data) >= 8:
		return binary.LittleEndian.Uint64(v.Data), true
	default:
		return 0, false
	}
}

// UTF16 decodes little-endian UTF-16; an odd byte at the end is left out, half a pair becomes U+FFFD.
func UTF16(data []byte) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }
