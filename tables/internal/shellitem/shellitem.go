// Package shellitem reads the items by which the Explorer of Windows remembers folders: which folder is it, and what was
// known of it?
// Format: https://github.com/libyal/libfwsi/blob/main/documentation. Every offset is checked.
package shellitem

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/tables/internal/registry"
)

// Item is one folder, as its parent names it.
type Item struct {
	Name                        string // "" where the item is of a kind that is not known
	Modified, Created, Accessed time.Time
	Entry                       uint64 // in the master file table; 0 where it is not known
	Sequence                    uint16
}

// The kinds of items, by the high bits of their third byte.
const (
	kindMask    = 0x70
	kindRoot    = 0x10
	kindVolume  = 0x20
	kindFile    = 0x30
	kindNetwork = 0x40
	wideName    = 0x04 // of a file's item: its short name is in UTF-16
)

// folders are the names of those that have an identifier rather than a path.
var folders = map[string]string{
	"20D04FE0-3AEA-1069-A2D8-08002B30309D": "My Computer", "208D2C60-3AEA-1069-A2D7-08002B30309D": "Network",
	"645FF040-5081-101B-9F08-00AA002F954E": "Recycle Bin", "59031A47-3F72-44A7-89C5-5595FE6B30EE": "Users",
	"5399E694-6CE5-4D6C-8FCE-1D8870FDCBA0": "Control Panel", "26EE0668-A00A-44D7-9371-BEB064C98683": "Control Panel",
	"031E4825-7B94-4DC3-B131-E946B44C8DD5": "Libraries", "B4BFCC3A-DB2C-424C-B029-7FE99A87C641": "Desktop",
	"374DE290-123F-4565-9164-39C4925E467B": "Downloads", "088E3905-0323-4B02-9826-5D99428E115F": "Downloads",
	"D3162B92-9365-467A-956B-92703ACA08AF": "Documents", "FDD39AD0-238F-46AF-ADB4-6C85480369C7": "Documents",
	"24AD3AD4-A569-4530-98E1-AB02F9417AA8": "Pictures", "3DFDF296-DBEC-4FB4-81D1-6A3438BCF4DE": "Music",
	"F86FA3AB-70D2-4FC7-9C99-FCBF05467F3A": "Videos", "679F85CB-0220-4080-B29B-5540CC05AAB6": "Quick Access",
	"018D5C66-4533-4307-9B53-224DE2ED1FE6": "OneDrive",
}

// Parse reads the first item of a list.
func Parse(list []byte) (Item, bool) {
	if len(list) < 4 {
		return Item{}, false
	}
	size := int(binary.LittleEndian.Uint16(list))
	if size < 4 || size > len(list) {
		return Item{}, false
	}
	data := list[:size]
	switch kind := data[2]; kind & kindMask {
	case kindRoot:
		return Item{Name: folderName(data, 4)}, len(data) >= 20
	case kindVolume:
		if kind == 0x2E && len(data) >= 20 {
			return Item{Name: folderName(data, 4)}, true
		}
		name, _, _ := bytes.Cut(data[3:], []byte{0})
		return Item{Name: string(bytes.TrimRight(name, `\`))}, len(name) > 0
	case kindFile:
		return parseFile(data)
	case kindNetwork:
		if len(data) < 6 {
			return Item{}, false
		}
		name, _, _ := bytes.Cut(data[5:], []byte{0})
		return Item{Name: string(name)}, len(name) > 0
	default:
		return Item{Name: fmt.Sprintf("[item of kind 0x%02X]", kind)}, true
	}
}

// folderName names the identifier at an offset.
func folderName(data []byte, at int) string {
	if len(data) < at+16 {
		return ""
	}
	b := data[at : at+16]
	id := fmt.Sprintf("%08X-%04X-%04X-%X-%X", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:]), b[8:10], b[10:])
	if name, known := folders[id]; known {
		return name
	}
	return "{" + id + "}"
}

// parseFile reads the item of a folder on a disk: its short name, and a block with its long one.
func parseFile(data []byte) (Item, bool) {
	const nameAt = 14
	if len(data) <= nameAt {
		return Item{}, false
	}
	item := Item{Modified: dosTime(binary.LittleEndian.Uint32(data[8:]))}
	if data[2]&wideName != 0 {
		item.Name = untilZero(data[nameAt:])
	} else {
		name, _, _ := bytes.Cut(data[nameAt:], []byte{0})
		item.Name = string(name)
	}
	block := int(binary.LittleEndian.Uint16(data[len(data)-2:]))
	if block >= nameAt && block+20 <= len(data) {
		item.extend(data[block : len(data)-2])
	}
	return item, item.Name != ""
}

// extend reads the block 0xBEEF0004, which grew with the versions of Windows.
func (item *Item) extend(block []byte) {
	const signature = 0xBEEF0004
	if len(block) < 20 || binary.LittleEndian.Uint32(block[4:]) != signature {
		return
	}
	version := binary.LittleEndian.Uint16(block[2:])
	item.Created, item.Accessed = dosTime(binary.LittleEndian.Uint32(block[8:])), dosTime(binary.LittleEndian.Uint32(block[12:]))
	at := 18
	if version >= 7 {
		if len(block) < at+18 {
			return
		}
		reference := binary.LittleEndian.Uint64(block[at+2:])
		item.Entry, item.Sequence = reference&(1<<48-1), uint16(reference>>48)
		at += 18
	}
	at += 2 // the length of a localized name
	if version >= 9 {
		at += 4
	}
	if version >= 8 {
		at += 4
	}
	if version >= 3 && at < len(block) {
		if name := untilZero(block[at:]); name != "" {
			item.Name = name
		}
	}
}

// untilZero decodes UTF-16 up to its zero.
func untilZero(data []byte) string {
	for i := 0; i+1 < len(data); i += 2 {
		if data[i] == 0 && data[i+1] == 0 {
			return registry.UTF16(data[:i])
		}
	}
	return registry.UTF16(data)
}

// dosTime reads a date, in the low half, and a time of FAT; 0 is the zero time.
func dosTime(v uint32) time.Time {
	date, clock := int(v&0xFFFF), int(v>>16)
	if date == 0 {
		return time.Time{}
	}
	return time.Date(1980+date>>9, time.Month(date>>5&0xF), date&0x1F, clock>>11, clock>>5&0x3F, clock&0x1F*2, 0, time.UTC)
}
