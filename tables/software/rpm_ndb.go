package software

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The ndb format of RPM's lib/backend/ndb/rpmpkg.c, as SUSE uses it: pages of slots, each of which says where the blob
// of one package lies. All numbers are little-endian.
const (
	ndbMagic      = "RpmP"
	ndbSlotMagic  = "Slot"
	ndbBlobMagic  = "BlbS"
	ndbPageBytes  = 4096
	ndbSlotBytes  = 16
	ndbBlockBytes = 16
	ndbPagesMax   = 8192 // two million slots
)

var errNDB = errors.New("ndb database is damaged")

func readNDB(r io.ReaderAt, size int64, each func([]byte) error) error {
	head := make([]byte, 32)
	if _, err := r.ReadAt(head, 0); err != nil {
		return errNDB
	}
	if version := binary.LittleEndian.Uint32(head[4:]); version != 0 {
		return fmt.Errorf("ndb version %d is not known", version)
	}
	pages := int64(binary.LittleEndian.Uint32(head[12:]))
	if pages == 0 || pages > ndbPagesMax || pages*ndbPageBytes > size {
		return errNDB
	}
	budget := size // sound blobs do not overlap, so all of them together are not larger than the file
	page := make([]byte, ndbPageBytes)
	for p := range pages {
		if _, err := r.ReadAt(page, p*ndbPageBytes); err != nil {
			return fmt.Errorf("read slots: %w", err)
		}
		slots := page
		if p == 0 {
			slots = page[32:] // behind the file's header
		}
		for ; len(slots) >= ndbSlotBytes; slots = slots[ndbSlotBytes:] {
			if string(slots[:4]) != ndbSlotMagic {
				return errNDB
			}
			number, offset := binary.LittleEndian.Uint32(slots[4:]), binary.LittleEndian.Uint32(slots[8:])
			if number == 0 {
				continue // free
			}
			blob, err := readNDBBlob(r, number, int64(offset)*ndbBlockBytes, budget)
			if err != nil {
				return err
			}
			budget -= int64(len(blob))
			if err := each(blob); err != nil {
				return err
			}
		}
	}
	return nil
}

func readNDBBlob(r io.ReaderAt, number uint32, offset, budget int64) ([]byte, error) {
	head := make([]byte, 16)
	if _, err := r.ReadAt(head, offset); err != nil {
		return nil, errNDB
	}
	length := int64(binary.LittleEndian.Uint32(head[12:]))
	if string(head[:4]) != ndbBlobMagic || binary.LittleEndian.Uint32(head[4:]) != number || length > min(budget, rpmHeaderMax) {
		return nil, errNDB
	}
	blob := make([]byte, length)
	if _, err := r.ReadAt(blob, offset+16); err != nil {
		return nil, fmt.Errorf("read package %d: %w", number, err)
	}
	return blob, nil
}
