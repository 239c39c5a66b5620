package plist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf16"
)

const (
	binaryMagic   = "bplist0"
	trailerSize   = 32
	epochOfApple  = 978307200 // 2001-01-01 in Unix seconds
	binaryObjects = 1 << 20
)

var errBinary = errors.New("binary property list is damaged")

// parseBinary reads the binary format: objects, the table of their offsets, and a trailer that tells where that is.
func parseBinary(data []byte) (any, error) {
	if len(data) < len(binaryMagic)+1+trailerSize {
		return nil, errBinary
	}
	trailer := data[len(data)-trailerSize:]
	p := binaryParser{data: data[:len(data)-trailerSize], refSize: int(trailer[7]), left: newBudget(), leaves: map[uint64]any{}}
	offsetSize := int(trailer[6])
	count, top, table := binary.BigEndian.Uint64(trailer[8:]), binary.BigEndian.Uint64(trailer[16:]), binary.BigEndian.Uint64(trailer[24:])
	if !validSize(offsetSize) || !validSize(p.refSize) || count == 0 || count > binaryObjects || top >= count ||
		table > uint64(len(p.data)) || count*uint64(offsetSize) > uint64(len(p.data))-table {
		return nil, errBinary
	}
	p.offsets = make([]uint64, count)
	for i := range p.offsets {
		p.offsets[i] = bigEndian(p.data[int(table)+i*offsetSize:][:offsetSize])
	}
	value, err := p.object(top, 0)
	if err != nil {
		return nil, fmt.Errorf("property list: %w", err)
	}
	return value, nil
}

func validSize(n int) bool { return n >= 1 && n <= 8 }

func bigEndian(data []byte) (v uint64) {
	for _, b := range data {
		v = v<<8 | uint64(b)
	}
	return v
}

type binaryParser struct {
	data    []byte
	offsets []uint64
	refSize int
	left    budget
	leaves  map[uint64]any // texts and data by object: however often one occurs, it is held once
}

// object reads an object by its number. Loops end at the greatest depth, repetition at the budget.
func (p *binaryParser) object(number uint64, depth int) (any, error) {
	if depth > depthMax {
		return nil, errDepth
	}
	if number >= uint64(len(p.offsets)) || p.offsets[number] >= uint64(len(p.data)) {
		return nil, errBinary
	}
	at := int(p.offsets[number])
	marker := p.data[at]
	kind, low := marker>>4, int(marker&15)
	rest := p.data[at+1:]
	switch kind {
	case 0x0:
		return p.simple(marker)
	case 0x1, 0x2, 0x3, 0x8:
		return p.number(kind, low, rest)
	}
	length, rest, err := p.length(low, rest)
	if err != nil {
		return nil, err
	}
	switch kind {
	case 0x4, 0x5, 0x6, 0x7:
		return p.leaf(number, kind, length, rest)
	case 0xA, 0xB, 0xC:
		return p.array(length, rest, depth)
	case 0xD:
		return p.dict(length, rest, depth)
	default:
		return nil, errBinary
	}
}

func (p *binaryParser) simple(marker byte) (any, error) {
	if err := p.left.take(0); err != nil {
		return nil, err
	}
	switch marker {
	case 0x00:
		return nil, nil
	case 0x08:
		return false, nil
	case 0x09:
		return true, nil
	default:
		return nil, errBinary
	}
}

func (p *binaryParser) number(kind byte, low int, rest []byte) (any, error) {
	size := 1 << low
	if kind == 0x8 {
		size = low + 1
	}
	if low > 4 || size > len(rest) {
		return nil, errBinary
	}
	if err := p.left.take(0); err != nil {
		return nil, err
	}
	raw := rest[:size]
	if size == 16 { // of a 128-bit number only the lower half is ever used
		raw = raw[8:]
	}
	switch v := bigEndian(raw); {
	case kind == 0x8:
		return UID(v), nil
	case kind == 0x1 && size == 16 && v > math.MaxInt64:
		return v, nil
	case kind == 0x1:
		return int64(v), nil
	case kind == 0x2 && size == 4:
		return float64(math.Float32frombits(uint32(v))), nil
	case kind == 0x2 && size == 8:
		return math.Float64frombits(v), nil
	case kind == 0x3 && size == 8:
		return dateOf(math.Float64frombits(v))
	default:
		return nil, errBinary
	}
}

// dateOf reads seconds since 2001. The years are those that RFC 3339 can write.
func dateOf(seconds float64) (any, error) {
	if !(math.Abs(seconds) < 253e9) {
		return nil, errBinary
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole)+epochOfApple, int64(part*1e9)).UTC(), nil
}

// length reads the length of a text or collection: in the marker, or as an integer after it.
func (p *binaryParser) length(low int, rest []byte) (int, []byte, error) {
	if low != 15 {
		return low, rest, nil
	}
	if len(rest) == 0 || rest[0]>>4 != 1 || rest[0]&15 > 3 {
		return 0, nil, errBinary
	}
	size := 1 << (rest[0] & 15)
	if len(rest) < 1+size {
		return 0, nil, errBinary
	}
	length := bigEndian(rest[1 : 1+size])
	if length > uint64(len(p.data)) {
		return 0, nil, errBinary
	}
	return int(length), rest[1+size:], nil
}

func (p *binaryParser) leaf(number uint64, kind byte, length int, rest []byte) (any, error) {
	size := length
	if kind == 0x6 {
		size *= 2
	}
	if size > len(rest) {
		return nil, errBinary
	}
	if err := p.left.take(size); err != nil {
		return nil, err
	}
	if known, ok := p.leaves[number]; ok {
		return known, nil
	}
	var value any
	switch kind {
	case 0x4:
		value = append([]byte{}, rest[:size]...)
	case 0x6:
		units := make([]uint16, length)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(rest[2*i:])
		}
		value = string(utf16.Decode(units))
	default:
		value = string(rest[:size])
	}
	p.leaves[number] = value
	return value, nil
}

func (p *binaryParser) array(length int, rest []byte, depth int) (any, error) {
	if length*p.refSize > len(rest) {
		return nil, errBinary
	}
	if err := p.left.take(0); err != nil {
		return nil, err
	}
	list := []any{}
	for i := range length {
		value, err := p.object(bigEndian(rest[i*p.refSize:][:p.refSize]), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

func (p *binaryParser) dict(length int, rest []byte, depth int) (any, error) {
	if 2*length*p.refSize > len(rest) {
		return nil, errBinary
	}
	if err := p.left.take(0); err != nil {
		return nil, err
	}
	dict := Dict{}
	for i := range length {
		key, err := p.object(bigEndian(rest[i*p.refSize:][:p.refSize]), depth+1)
		if err != nil {
			return nil, err
		}
		value, err := p.object(bigEndian(rest[(length+i)*p.refSize:][:p.refSize]), depth+1)
		if err != nil {
			return nil, err
		}
		if name, ok := key.(string); ok {
			dict[name] = value
		}
	}
	return dict, nil
}
