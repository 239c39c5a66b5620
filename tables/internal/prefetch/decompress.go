package prefetch

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Since Windows 8.1 the files are compressed by LZ77 with Huffman codes (MS-XCA 2.2): blocks of 64 KiB, each with a table
// of 512 code lengths of four bits.
const (
	tableBytes = 256
	symbols    = 512
	blockBytes = 64 << 10
	lengthMax  = 15
	matchStart = 256 // symbols from here on are matches
	matchLeast = 3
)

var errCorrupt = errors.New("compressed data is damaged")

// decompress gives size bytes.
func decompress(data []byte, size int) ([]byte, error) {
	out := make([]byte, 0, size)
	for len(out) < size {
		if len(data) < tableBytes+4 {
			return nil, errCorrupt
		}
		var codes decoder
		if !codes.build(data[:tableBytes]) {
			return nil, errCorrupt
		}
		bits := bitReader{data: data, at: tableBytes}
		bits.fill()
		bits.fill()
		end := min(len(out)+blockBytes, size)
		for len(out) < end {
			symbol, ok := codes.next(&bits)
			if !ok {
				return nil, errCorrupt
			}
			if symbol < matchStart {
				out = append(out, byte(symbol))
				continue
			}
			length, offset, ok := bits.match(symbol)
			if !ok || offset > len(out) {
				return nil, errCorrupt
			}
			for range min(length, size-len(out)) { // a match may reach into what it makes
				out = append(out, out[len(out)-offset])
			}
		}
		data = data[min(bits.at, len(data)):]
	}
	return out, nil
}

// decoder holds the codes in the order of their length, and of their symbol within one.
type decoder struct {
	count  [lengthMax + 1]int
	sorted []uint16
}

// build reads the lengths of the codes. Lengths that are no prefix code are refused.
func (d *decoder) build(table []byte) bool {
	var lengths [symbols]int
	for i, b := range table {
		lengths[2*i], lengths[2*i+1] = int(b&0xF), int(b>>4)
	}
	for symbol, length := range lengths {
		d.count[length]++
		if length > 0 {
			d.sorted = append(d.sorted, uint16(symbol))
		}
	}
	d.count[0] = 0
	left := 1
	for length := 1; length <= lengthMax; length++ {
		if left = left<<1 - d.count[length]; left < 0 {
			return false
		}
	}
	slices.SortStableFunc(d.sorted, func(a, b uint16) int { return lengths[a] - lengths[b] })
	return len(d.sorted) > 0
}

// next reads one symbol, bit by bit: codes of a length follow each other.
func (d *decoder) next(bits *bitReader) (symbol int, ok bool) {
	code, first, index := 0, 0, 0
	for length := 1; length <= lengthMax; length++ {
		bit, ok := bits.take(1)
		if !ok {
			return 0, false
		}
		code |= bit
		if n := d.count[length]; code-first < n {
			return int(d.sorted[index+code-first]), true
		} else {
			index, first = index+n, first+n
		}
		first, code = first<<1, code<<1
	}
	return 0, false
}

// bitReader takes bits from 16-bit words, the highest first. Bytes of long matches stand between the words, where the
// reader has come to.
type bitReader struct {
	data []byte
	at   int
	bits uint32
	left int
}

func (b *bitReader) fill() {
	var word uint32
	if b.at+2 <= len(b.data) {
		word = uint32(binary.LittleEndian.Uint16(b.data[b.at:]))
	}
	b.at += 2
	b.bits |= word << (16 - b.left)
	b.left += 16
}

// take gives n bits, at most 16; ok is false past the end of the data.
func (b *bitReader) take(n int) (value int, ok bool) {
	if n == 0 {
		return 0, true
	}
	value = int(b.bits >> (32 - n))
	b.bits <<= n
	b.left -= n
	if b.left < 16 {
		if b.at > len(b.data)+4 {
			return 0, false
		}
		b.fill()
	}
	return value, true
}

func (b *bitReader) byte() (int, bool) {
	if b.at >= len(b.data) {
		return 0, false
	}
	b.at++
	return int(b.data[b.at-1]), true
}

// match reads what follows the symbol of a match: more of its length, and the bits of its offset.
func (b *bitReader) match(symbol int) (length, offset int, ok bool) {
	symbol -= matchStart
	length, offsetBits := symbol&0xF, symbol>>4
	if length == 0xF {
		more, ok := b.byte()
		if !ok {
			return 0, 0, false
		}
		length += more
		if more == 0xFF {
			if b.at+2 > len(b.data) {
				return 0, 0, false
			}
			length = int(binary.LittleEndian.Uint16(b.data[b.at:]))
			b.at += 2
			if length < 0xF {
				return 0, 0, false
			}
		}
	}
	low, ok := b.take(offsetBits)
	return length + matchLeast, 1<<offsetBits + low, ok
}
