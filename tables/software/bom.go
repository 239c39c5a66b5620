package software

import (
	"bytes"
	"encoding/binary"
	"errors"
)

var errBOM = errors.New("bill of materials is damaged")

// bomMax bounds the blocks that are followed and the files that are shown of one bill.
const bomMax = 1 << 20

// bom is a bill of materials: numbered blocks, some of them named. All numbers are big-endian.
//
//	header   "BOMStore", version, blocks, offset and length of the table, offset and length of the names
//	table    count, then (address, length) of each block
//	names    count, then (block, length of the name, name)
type bom struct{ data, table []byte }

// readBOM emits the files of a bill. The block named Paths is a tree whose leaves pair a file's facts with its name.
func readBOM(data []byte, emit func(*bomFile) error) error {
	if len(data) < 32 || !bytes.HasPrefix(data, []byte("BOMStore")) {
		return errBOM
	}
	b := bom{data: data}
	table, ok := b.at(bigEndian32(data, 16), bigEndian32(data, 20))
	if !ok || len(table) < 4 {
		return errBOM
	}
	b.table = table[4:]
	tree, ok := b.named("Paths", bigEndian32(data, 24), bigEndian32(data, 28))
	if !ok || len(tree) < 12 || !bytes.HasPrefix(tree, []byte("tree")) {
		return errBOM
	}
	leaf, ok := b.firstLeaf(bigEndian32(tree, 8))
	if !ok {
		return errBOM
	}
	return b.files(leaf, emit)
}

func bigEndian32(data []byte, at int) uint32 { return binary.BigEndian.Uint32(data[at:]) }

func (b *bom) at(address, length uint32) ([]byte, bool) {
	if uint64(address)+uint64(length) > uint64(len(b.data)) {
		return nil, false
	}
	return b.data[address:][:length], true
}

func (b *bom) block(number uint32) ([]byte, bool) {
	if (uint64(number)+1)*8 > uint64(len(b.table)) {
		return nil, false
	}
	return b.at(bigEndian32(b.table, int(number)*8), bigEndian32(b.table, int(number)*8+4))
}

func (b *bom) named(name string, address, length uint32) ([]byte, bool) {
	names, ok := b.at(address, length)
	if !ok || len(names) < 4 {
		return nil, false
	}
	for names = names[4:]; len(names) >= 5; {
		size := int(names[4])
		if len(names) < 5+size {
			return nil, false
		}
		if string(names[5:5+size]) == name {
			return b.block(bigEndian32(names, 0))
		}
		names = names[5+size:]
	}
	return nil, false
}

// firstLeaf goes down the tree. A node is: leaf or not, count, next, previous, then pairs of blocks.
func (b *bom) firstLeaf(number uint32) ([]byte, bool) {
	for range 64 { // far deeper than any tree
		node, ok := b.block(number)
		if !ok || len(node) < 12 {
			return nil, false
		}
		if binary.BigEndian.Uint16(node) != 0 {
			return node, true
		}
		if len(node) < 20 {
			return nil, false
		}
		number = bigEndian32(node, 12)
	}
	return nil, false
}

func (b *bom) files(leaf []byte, emit func(*bomFile) error) error {
	paths := map[uint32]string{} // by the number of a file
	left := bomMax
	for {
		count := int(binary.BigEndian.Uint16(leaf[2:]))
		if len(leaf) < 12+8*count {
			return errBOM
		}
		for i := range count {
			if left--; left < 0 {
				return errBOM
			}
			row, err := b.file(bigEndian32(leaf, 12+8*i), bigEndian32(leaf, 16+8*i), paths)
			if err != nil {
				return err
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		next := bigEndian32(leaf, 4)
		if next == 0 {
			return nil
		}
		var ok bool
		if leaf, ok = b.block(next); !ok || len(leaf) < 12 {
			return errBOM
		}
		if left--; left < 0 {
			return errBOM // leaves that follow each other in a circle
		}
	}
}

// bomPathMax bounds a path: names that are joined over and over would grow without end.
const bomPathMax = 4096

func (b *bom) file(facts, name uint32, paths map[uint32]string) (bomFile, error) {
	first, ok := b.block(facts) // number of the file, block of its facts
	if !ok || len(first) < 8 {
		return bomFile{}, errBOM
	}
	second, ok := b.block(bigEndian32(first, 4)) // type, ?, architecture, mode, user, group, time, size
	if !ok || len(second) < 22 {
		return bomFile{}, errBOM
	}
	entry, ok := b.block(name) // number of the parent, name ended by NUL
	if !ok || len(entry) < 5 {
		return bomFile{}, errBOM
	}
	text, _, _ := bytes.Cut(entry[4:], []byte{0})
	full := string(text)
	if above := paths[bigEndian32(entry, 0)]; above != "" {
		full = above + "/" + full
	}
	if len(full) > bomPathMax {
		return bomFile{}, errBOM
	}
	paths[bigEndian32(first, 0)] = full
	return bomFile{
		Filepath: full, Mode: int64(binary.BigEndian.Uint16(second[4:])), UID: int64(bigEndian32(second, 6)), GID: int64(bigEndian32(second, 10)),
		ModifiedTime: int64(bigEndian32(second, 14)), Size: int64(bigEndian32(second, 18)),
	}, nil
}
