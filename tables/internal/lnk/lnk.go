// Package lnk reads shortcuts of Windows: where does a .lnk file lead?
// Format: MS-SHLLINK. Whoever made a shortcut decides what it says, so every offset is checked.
package lnk

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/tenantra/tenantra/tables/internal/registry"
)

// Max is the size above which a file is no shortcut: real ones have a few KiB.
const Max = 1 << 20

// Link is what a shortcut says.
type Link struct {
	Target     string // full path; "" where it leads to something that is no file
	Folder     bool   // it leads to a folder
	WorkingDir string
	Arguments  string
	Comment    string
	Show       uint32 // 1 normal window, 3 maximized, 7 minimized
}

const (
	hasIDList = 1 << iota
	hasLinkInfo
	hasName
	hasRelativePath
	hasWorkingDir
	hasArguments
	hasIcon
	isUnicode
)

const (
	headerSize = 0x4C
	directory  = 0x10 // the attribute of a folder
)

var classID = []byte{1, 0x14, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}

var errNoShortcut = errors.New("not a shortcut")

// Parse reads a shortcut. One that is cut short tells what it holds until there.
func Parse(data []byte) (Link, error) {
	if len(data) < headerSize || binary.LittleEndian.Uint32(data) != headerSize || !bytes.Equal(data[4:20], classID) {
		return Link{}, errNoShortcut
	}
	flags := binary.LittleEndian.Uint32(data[0x14:])
	link := Link{
		Folder: binary.LittleEndian.Uint32(data[0x18:])&directory != 0,
		Show:   binary.LittleEndian.Uint32(data[0x3C:]),
	}
	rest := data[headerSize:]
	if flags&hasIDList != 0 {
		if len(rest) < 2 {
			return link, nil
		}
		rest = rest[min(2+int(binary.LittleEndian.Uint16(rest)), len(rest)):]
	}
	if flags&hasLinkInfo != 0 {
		if len(rest) < 4 {
			return link, nil
		}
		size := min(uint64(binary.LittleEndian.Uint32(rest)), uint64(len(rest)))
		link.Target = parseLinkInfo(rest[:size])
		rest = rest[size:]
	}
	for _, field := range []struct {
		flag uint32
		text *string
	}{{hasName, &link.Comment}, {hasRelativePath, nil}, {hasWorkingDir, &link.WorkingDir}, {hasArguments, &link.Arguments}, {hasIcon, nil}} {
		if flags&field.flag == 0 {
			continue
		}
		if len(rest) < 2 {
			break
		}
		length := int(binary.LittleEndian.Uint16(rest))
		if flags&isUnicode != 0 {
			length *= 2
		}
		text := rest[2:min(2+length, len(rest))]
		rest = rest[2+len(text):]
		if field.text == nil {
			continue
		}
		if flags&isUnicode != 0 {
			*field.text = registry.UTF16(text)
		} else {
			*field.text = latin1(text)
		}
	}
	return link, nil
}

// parseLinkInfo gives the path: a local one and what follows it, or a share and what follows that.
func parseLinkInfo(info []byte) string {
	if len(info) < 28 {
		return ""
	}
	number := func(at int) uint32 {
		if at+4 > len(info) {
			return 0
		}
		return binary.LittleEndian.Uint32(info[at:])
	}
	const local, network = 1, 2
	flags := number(8)
	var base string
	switch {
	case flags&local != 0:
		base = cString(info, number(16))
		if number(4) >= 0x24 {
			if wide := wideString(info, number(28)); wide != "" {
				base = wide
			}
		}
	case flags&network != 0:
		at := number(20)
		if uint64(at)+12 > uint64(len(info)) {
			return ""
		}
		base = cString(info[at:], binary.LittleEndian.Uint32(info[at+8:]))
	}
	suffix := cString(info, number(24))
	if number(4) >= 0x24 {
		if wide := wideString(info, number(32)); wide != "" {
			suffix = wide
		}
	}
	if base != "" && suffix != "" && base[len(base)-1] != '\\' {
		base += `\`
	}
	return base + suffix
}

// cString gives the text of one byte a character at an offset, up to its zero.
func cString(data []byte, at uint32) string {
	if at == 0 || uint64(at) >= uint64(len(data)) {
		return ""
	}
	text, _, _ := bytes.Cut(data[at:], []byte{0})
	return latin1(text)
}

func wideString(data []byte, at uint32) string {
	if at == 0 || uint64(at) >= uint64(len(data)) {
		return ""
	}
	data = data[at:]
	for i := 0; i+1 < len(data); i += 2 {
		if data[i] == 0 && data[i+1] == 0 {
			return registry.UTF16(data[:i])
		}
	}
	return registry.UTF16(data)
}

// latin1 decodes text of the machine's code page as far as that is the same everywhere.
func latin1(text []byte) string {
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return string(runes)
}
