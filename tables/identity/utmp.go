package identity

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
)

// login is one record of utmp(5): Linux keeps the present sessions in /run/utmp and all past ones in /var/log/wtmp.
type login struct {
	Type int16
	PID  int32
	Line string
	User string
	Host string
	Time int64
}

// The record types that matter here.
const (
	loginEmpty        = 0
	loginUserProcess  = 7
	loginDeadProcess  = 8
	loginTypesGreater = 10 // no type is this large
)

// utmpLayout says where the C library of a processor keeps the fields that differ. Numbers are little-endian on every
// processor that this product runs on; the text fields stand at the same place everywhere.
type utmpLayout struct {
	size    int
	seconds int // offset of the time
	wide    bool
}

var (
	layout32 = utmpLayout{size: 384, seconds: 340}             // x86-64: glibc kept the 32-bit time
	layout64 = utmpLayout{size: 400, seconds: 344, wide: true} // arm64
)

// utmpLayoutOf finds the layout of a file from its size and first bytes, so that an image of a foreign processor reads
// well too. Where both fit, and where neither does because the file is cut off, it is this processor's.
func utmpLayoutOf(size int64, head []byte) utmpLayout {
	native, foreign := layout32, layout64
	if runtime.GOARCH == "arm64" {
		native, foreign = foreign, native
	}
	if !native.fits(size, head) && foreign.fits(size, head) {
		return foreign
	}
	return native
}

func (l utmpLayout) fits(size int64, head []byte) bool {
	if size%int64(l.size) != 0 {
		return false
	}
	for ; len(head) >= l.size; head = head[l.size:] {
		if t := binary.LittleEndian.Uint16(head); t >= loginTypesGreater {
			return false
		}
	}
	return true
}

// readUtmp hands each whole record to each. A cut-off last record is left out.
func readUtmp(r io.Reader, size int64, each func(login) error) error {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(16 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	layout := utmpLayoutOf(size, head)
	record := make([]byte, layout.size)
	for {
		if _, err := io.ReadFull(buffered, record); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := each(layout.parse(record)); err != nil {
			return err
		}
	}
}

func (l utmpLayout) parse(record []byte) login {
	e := login{
		Type: int16(binary.LittleEndian.Uint16(record)),
		PID:  int32(binary.LittleEndian.Uint32(record[4:])),
		Line: fixedText(record[8:40]),
		User: fixedText(record[44:76]),
		Host: fixedText(record[76:332]),
		Time: int64(binary.LittleEndian.Uint32(record[l.seconds:])),
	}
	if l.wide {
		e.Time = int64(binary.LittleEndian.Uint64(record[l.seconds:]))
	}
	return e
}

func fixedText(field []byte) string {
	text, _, _ := bytes.Cut(field, []byte{0})
	return string(text)
}
