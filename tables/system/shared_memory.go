package system

import (
	"bytes"
	"fmt"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// sharedSegment is one System V shared memory segment.
type sharedSegment struct {
	ID          int64  `col:"shmid" type:"INTEGER" doc:"Identifier of the segment."`
	OwnerUID    int64  `col:"owner_uid" doc:"User number of the owner."`
	CreatorUID  int64  `col:"creator_uid" doc:"User number of the creator."`
	PID         int64  `col:"pid" doc:"Process that attached or detached it last."`
	CreatorPID  int64  `col:"creator_pid" doc:"Process that created it."`
	AttachedAt  int64  `col:"atime" doc:"When it was attached last, in Unix seconds; 0 for never."`
	DetachedAt  int64  `col:"dtime" doc:"When it was detached last, in Unix seconds; 0 for never."`
	ChangedAt   int64  `col:"ctime" doc:"When it was created or changed, in Unix seconds."`
	Permissions string `col:"permissions" doc:"Permissions in octal."`
	Size        int64  `col:"size" doc:"Bytes of the segment."`
	Attached    int64  `col:"attached" type:"INTEGER" doc:"Number of attachments."`
	Status      string `col:"status" doc:"dest where it goes with its last attachment, else empty."`
	Locked      int32  `col:"locked" doc:"1 where it is kept from being swapped out."`
}

// SharedMemory has one row for each System V segment.
// Source: /proc/sysvipc/shm, proc(5).
var SharedMemory = tables.Define[sharedSegment](tables.Spec{
	Name: "shared_memory", Doc: "System V shared memory segments.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT shmid, owner_uid, permissions FROM shared_memory WHERE permissions LIKE '%6'"},
}, generateSharedMemory)

// parseSharedMemory reads a line of /proc/sysvipc/shm. It is false for the heading.
//
//	key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap
func parseSharedMemory(line []byte) (sharedSegment, bool) {
	const fields, perms = 14, 2
	var values [fields]int64
	var mode uint64
	for i := range values {
		var field []byte
		field, line = procfs.NextField(line)
		var ok bool
		if values[i], ok = procfs.ParseInt(field); !ok {
			return sharedSegment{}, false
		}
		if i == perms {
			for _, digit := range bytes.TrimLeft(field, " ") {
				if digit < '0' || digit > '7' || mode > 0o77777 {
					return sharedSegment{}, false
				}
				mode = mode<<3 | uint64(digit-'0')
			}
		}
	}
	const destroyed, locked = 0o1000, 0o2000
	s := sharedSegment{
		ID: values[1], OwnerUID: values[7], CreatorUID: values[9], PID: values[5], CreatorPID: values[4],
		AttachedAt: values[11], DetachedAt: values[12], ChangedAt: values[13],
		Permissions: fmt.Sprintf("%04o", mode&0o777), Size: values[3], Attached: values[6],
	}
	if mode&destroyed != 0 {
		s.Status = "dest"
	}
	if mode&locked != 0 {
		s.Locked = 1
	}
	return s, true
}
