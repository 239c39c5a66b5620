package software

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
)

// rpmHeader is the header of one installed package as the database holds it: an index of tags, then their data. All
// numbers are big-endian. The format is described in "Package Format" of RPM's reference manual.
type rpmHeader struct {
	index []byte // 16 bytes an entry: tag, type, offset, count
	data  []byte
}

// The tags that the tables show.
const (
	rpmTagSHA1         = 269
	rpmTagName         = 1000
	rpmTagVersion      = 1001
	rpmTagRelease      = 1002
	rpmTagEpoch        = 1003
	rpmTagInstallTime  = 1008
	rpmTagSize         = 1009
	rpmTagVendor       = 1011
	rpmTagGroup        = 1016
	rpmTagArch         = 1022
	rpmTagFileSizes    = 1028
	rpmTagFileModes    = 1030
	rpmTagFileDigests  = 1035
	rpmTagFileUsers    = 1039
	rpmTagFileGroups   = 1040
	rpmTagSourceRPM    = 1044
	rpmTagDirIndexes   = 1116
	rpmTagBaseNames    = 1117
	rpmTagDirNames     = 1118
	rpmTagLongFileSize = 5008
	rpmTagLongSize     = 5009
	rpmTagDigestAlgo   = 5011
)

// The data types of tags.
const (
	rpmInt16       = 3
	rpmInt32       = 4
	rpmInt64       = 5
	rpmString      = 6
	rpmStringArray = 8
	rpmI18NString  = 9 // the first string is the untranslated one
)

const (
	rpmEntryBytes = 16
	rpmTagsMax    = 64 << 10  // more tags than RPM itself accepts
	rpmHeaderMax  = 256 << 20 // RPM's own bound
)

var errRPMHeader = errors.New("package header is damaged")

// parseRPMHeader finds the index and the data in a header. Nothing is copied.
func parseRPMHeader(blob []byte) (rpmHeader, error) {
	if len(blob) < 8 {
		return rpmHeader{}, errRPMHeader
	}
	tags, size := uint64(binary.BigEndian.Uint32(blob)), uint64(binary.BigEndian.Uint32(blob[4:]))
	if tags == 0 || tags > rpmTagsMax || 8+tags*rpmEntryBytes+size > uint64(len(blob)) {
		return rpmHeader{}, errRPMHeader
	}
	data := 8 + tags*rpmEntryBytes
	return rpmHeader{index: blob[8:data], data: blob[data : data+size]}, nil
}

// find gives a tag's type, count and data to the end of all data. The last entry of a tag counts: what was added when
// the package was installed stands behind what it was built with.
func (h rpmHeader) find(tag uint32) (kind, count uint32, data []byte) {
	for i := len(h.index) - rpmEntryBytes; i >= 0; i -= rpmEntryBytes {
		entry := h.index[i : i+rpmEntryBytes]
		if binary.BigEndian.Uint32(entry) != tag {
			continue
		}
		offset := uint64(binary.BigEndian.Uint32(entry[8:]))
		if offset > uint64(len(h.data)) {
			return 0, 0, nil
		}
		return binary.BigEndian.Uint32(entry[4:]), binary.BigEndian.Uint32(entry[12:]), h.data[offset:]
	}
	return 0, 0, nil
}

// text gives a tag's first string, or "".
func (h rpmHeader) text(tag uint32) string {
	if texts := h.texts(tag, 1); len(texts) > 0 {
		return texts[0]
	}
	return ""
}

// texts gives the strings of a tag, at most as many as most.
func (h rpmHeader) texts(tag uint32, most int) []string {
	kind, count, data := h.find(tag)
	if kind != rpmString && kind != rpmStringArray && kind != rpmI18NString {
		return nil
	}
	var texts []string
	for range min(uint64(count), uint64(most)) {
		end := bytes.IndexByte(data, 0)
		if end < 0 {
			break
		}
		texts = append(texts, string(data[:end]))
		data = data[end+1:]
	}
	return texts
}

// number gives a tag's first number.
func (h rpmHeader) number(tag uint32) (v int64, ok bool) {
	if numbers := h.numbers(tag, 1); len(numbers) > 0 {
		return numbers[0], true
	}
	return 0, false
}

// numbers gives the numbers of a tag, at most as many as most.
func (h rpmHeader) numbers(tag uint32, most int) []int64 {
	kind, count, data := h.find(tag)
	width := map[uint32]int{rpmInt16: 2, rpmInt32: 4, rpmInt64: 8}[kind]
	if width == 0 {
		return nil
	}
	n := min(int(min(count, math.MaxInt32)), most, len(data)/width)
	numbers := make([]int64, n)
	for i := range numbers {
		switch at := data[i*width:]; kind {
		case rpmInt16:
			numbers[i] = int64(binary.BigEndian.Uint16(at))
		case rpmInt32:
			numbers[i] = int64(binary.BigEndian.Uint32(at))
		case rpmInt64:
			numbers[i] = int64(binary.BigEndian.Uint64(at))
		}
	}
	return numbers
}
