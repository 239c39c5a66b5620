package software

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The hash format of Berkeley DB as RPM used it until 4.16: pages of key and value pairs, where a value that is too
// large for its page lies in a chain of overflow pages. The file is in the byte order of the machine that wrote it.
// Layouts are those of dbinc/db_page.h.
const (
	bdbHashMagic      = 0x061561
	bdbPageHeader     = 26
	bdbHashUnsorted   = 2 // page types
	bdbOverflow       = 7
	bdbHash           = 13
	bdbKeyData        = 1 // item types
	bdbOffPage        = 3
	bdbOffPageBytes   = 12
	bdbRPMHeaderLeast = 16 // a header is longer; what is shorter is the database's own counter
)

var errBDB = errors.New("damaged Berkeley DB file")

// isBDBHash tells a hash database by the magic number in the first page.
func isBDBHash(head []byte) bool {
	return len(head) >= 16 && (binary.LittleEndian.Uint32(head[12:]) == bdbHashMagic || binary.BigEndian.Uint32(head[12:]) == bdbHashMagic)
}

type bdbReader struct {
	r        io.ReaderAt
	order    binary.ByteOrder
	pageSize int64
	last     uint32
	budget   int64 // of bytes in values, so that pages that point at each other end
	overflow []byte
}

func readBDB(r io.ReaderAt, size int64, each func([]byte) error) error {
	head := make([]byte, 72)
	if _, err := r.ReadAt(head, 0); err != nil {
		return errBDB
	}
	db := bdbReader{r: r, order: binary.LittleEndian, budget: size}
	if binary.BigEndian.Uint32(head[12:]) == bdbHashMagic {
		db.order = binary.BigEndian
	}
	db.pageSize, db.last = int64(db.order.Uint32(head[20:])), db.order.Uint32(head[32:])
	if db.pageSize < 512 || db.pageSize > 64<<10 || db.pageSize&(db.pageSize-1) != 0 {
		return errBDB
	}
	if head[24] != 0 {
		return errors.New("encrypted Berkeley DB file")
	}
	if pages := size / db.pageSize; int64(db.last) >= pages {
		return errBDB
	}
	page := make([]byte, db.pageSize)
	db.overflow = make([]byte, db.pageSize)
	for number := uint32(1); number <= db.last; number++ { // page 0 is the database's own
		if err := db.page(number, page); err != nil {
			return err
		}
		if kind := page[25]; kind != bdbHash && kind != bdbHashUnsorted {
			continue
		}
		if err := db.values(page, each); err != nil {
			return err
		}
	}
	return nil
}

func (db *bdbReader) page(number uint32, into []byte) error {
	if _, err := db.r.ReadAt(into, int64(number)*db.pageSize); err != nil {
		return fmt.Errorf("read page %d: %w", number, err)
	}
	return nil
}

// values hands out the values of a hash page. Offsets of keys and values take turns behind the page's header.
func (db *bdbReader) values(page []byte, each func([]byte) error) error {
	count := int(db.order.Uint16(page[20:]))
	if count%2 != 0 || bdbPageHeader+2*count > len(page) {
		return errBDB
	}
	offset := func(i int) int { return int(db.order.Uint16(page[bdbPageHeader+2*i:])) }
	for i := 1; i < count; i += 2 {
		// Items fill the page from its end, so one reaches up to where the one before it begins.
		start, end := offset(i), offset(i-1)
		if start < bdbPageHeader+2*count || start >= len(page) {
			return errBDB
		}
		var value []byte
		switch item := page[start:]; item[0] {
		case bdbKeyData:
			if end <= start || end > len(page) {
				return errBDB
			}
			value = page[start+1 : end]
			if db.budget -= int64(len(value)); db.budget < 0 {
				return errBDB
			}
		case bdbOffPage:
			if len(item) < bdbOffPageBytes {
				return errBDB
			}
			var err error
			if value, err = db.chain(db.order.Uint32(item[4:]), int64(db.order.Uint32(item[8:]))); err != nil {
				return err
			}
		default: // duplicates, which RPM does not use here
			continue
		}
		if len(value) < bdbRPMHeaderLeast {
			continue
		}
		if err := each(value); err != nil {
			return err
		}
	}
	return nil
}

// chain joins the overflow pages from a first one to a value of a known length.
func (db *bdbReader) chain(number uint32, length int64) ([]byte, error) {
	if length > min(db.budget, rpmHeaderMax) {
		return nil, errBDB
	}
	db.budget -= length
	value := make([]byte, 0, length)
	for number != 0 && int64(len(value)) < length {
		if number > db.last {
			return nil, errBDB
		}
		if err := db.page(number, db.overflow); err != nil {
			return nil, err
		}
		next, used := db.order.Uint32(db.overflow[16:]), int(db.order.Uint16(db.overflow[22:]))
		// On an overflow page the field of the free area tells how much is used.
		if db.overflow[25] != bdbOverflow || used == 0 || bdbPageHeader+used > len(db.overflow) {
			return nil, errBDB
		}
		value = append(value, db.overflow[bdbPageHeader:bdbPageHeader+used]...)
		number = next
	}
	if int64(len(value)) != length {
		return nil, errBDB
	}
	return value, nil
}
