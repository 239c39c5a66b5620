package files

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables/internal/sid"
)

// fileTimes is FILE_BASIC_INFO.
type fileTimes struct {
	created, read, written, changed int64
	attributes                      uint32
}

// askSystem fills in what only Windows tells. A file that is held open by others still tells this.
func (row *file) askSystem(real string, wantOwner bool) {
	name, err := windows.UTF16PtrFromString(real)
	if err != nil {
		return
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, windows.FILE_READ_ATTRIBUTES, share, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return
	}
	defer windows.CloseHandle(handle)
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(handle, &info); err != nil {
		return
	}
	index := uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)
	row.Inode, row.HardLinks = int64(index), int32(info.NumberOfLinks)
	row.FileID, row.VolumeSerial = fmt.Sprintf("0x%016X", index), fmt.Sprintf("%04X-%04X", info.VolumeSerialNumber>>16, info.VolumeSerialNumber&0xFFFF)
	row.Attributes = attributeText(info.FileAttributes)
	row.Atime, row.Btime = info.LastAccessTime.Nanoseconds()/1e9, info.CreationTime.Nanoseconds()/1e9
	var times fileTimes
	if windows.GetFileInformationByHandleEx(handle, windows.FileBasicInfo, (*byte)(unsafe.Pointer(&times)), uint32(unsafe.Sizeof(times))) == nil {
		changed := windows.Filetime{LowDateTime: uint32(times.changed), HighDateTime: uint32(times.changed >> 32)}
		row.Ctime = changed.Nanoseconds() / 1e9
	}
	if wantOwner {
		row.readOwner(real)
	}
}

func (row *file) readOwner(real string) {
	descriptor, err := windows.GetNamedSecurityInfo(real, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.GROUP_SECURITY_INFORMATION)
	if err != nil {
		return
	}
	if owner, _, err := descriptor.Owner(); err == nil && owner != nil {
		if rid, ok := sid.RID(owner.String()); ok {
			row.UID = int64(rid)
		}
	}
	if group, _, err := descriptor.Group(); err == nil && group != nil {
		if rid, ok := sid.RID(group.String()); ok {
			row.GID = int64(rid)
		}
	}
}
