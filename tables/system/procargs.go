package system

import (
	"bytes"
	"encoding/binary"
)

// environmentOf gives the variables in what the kernel of macOS tells of a program's start, KERN_PROCARGS2 of sysctl(3): the
// count of arguments, the program's path, zeros, the arguments and the variables, each with a zero at its end. A further empty
// one ends them; what Apple's loader is told stands behind. It is nothing where the block is cut before that.
func environmentOf(block []byte) []byte {
	if len(block) < 4 {
		return nil
	}
	count := binary.LittleEndian.Uint32(block)
	_, rest, found := bytes.Cut(block[4:], []byte{0})
	if !found {
		return nil
	}
	for rest = bytes.TrimLeft(rest, "\x00"); count > 0; count-- {
		if _, rest, found = bytes.Cut(rest, []byte{0}); !found {
			return nil
		}
	}
	if end := bytes.Index(rest, []byte{0, 0}); end >= 0 && !bytes.HasPrefix(rest, []byte{0}) {
		return rest[:end+1]
	}
	if bytes.HasPrefix(rest, []byte{0}) {
		return nil
	}
	return rest
}
