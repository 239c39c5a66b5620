package files

import (
	"io/fs"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// worldWritable is one object that every user may change.
type worldWritable struct {
	Path      string `col:"path" doc:"Absolute path of the object."`
	Type      string `col:"type" doc:"regular, directory, socket, fifo, character or block."`
	Mode      string `col:"mode" doc:"Permissions in octal: 0666, 1777."`
	Sticky    int32  `col:"sticky" doc:"1 for a directory in which only owners may remove their files, as /tmp."`
	UID       int64  `col:"uid" doc:"Owner's user number."`
	GID       int64  `col:"gid" doc:"Owner's group number."`
	Directory string `col:"directory" opt:"index" doc:"Directory that was searched, with all below it; by default all of the system's."`
}

// worldWritableRoots are searched where a statement names no directory: where the system and its services keep what others trust.
var worldWritableRoots = [...]string{"/bin", "/boot", "/etc", "/lib", "/lib64", "/opt", "/root", "/sbin", "/srv", "/usr", "/var", "/home", "/tmp", "/dev/shm"}

// WorldWritable has a row for each such object. Links are not followed; directories of other file systems are searched too,
// but for those of the kernel's own.
var WorldWritable = tables.DefineByPlatform(tables.Spec{
	Name: "world_writable", Doc: "Files and directories that every user may write to.",
	Category: tables.Files, Platforms: tables.Linux | tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT path, type, mode FROM world_writable WHERE sticky = 0",
		"SELECT path FROM world_writable WHERE directory = '/etc'",
	},
}, tables.Generators[worldWritable]{}.OnBuild(generateWorldWritable))

const worldWritableDepth = 128

// kernelTrees lie below searched directories and hold no files of anyone.
var kernelTrees = []string{"/proc", "/sys", "/dev", "/var/lib/docker/overlay2", "/var/lib/containers/storage/overlay"}

func inKernelTree(dir string) bool {
	for _, tree := range kernelTrees {
		if dir == tree || strings.HasPrefix(dir, tree+"/") && dir != "/dev/shm" && !strings.HasPrefix(dir, "/dev/shm/") {
			return true
		}
	}
	return false
}

// modeBits gives permissions as the system numbers them.
func modeBits(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm())
	for flag, bit := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if mode&flag != 0 {
			bits |= bit
		}
	}
	return bits
}

func worldWritableType(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "regular"
	case mode.IsDir():
		return "directory"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeNamedPipe != 0:
		return "fifo"
	case mode&fs.ModeCharDevice != 0:
		return "character"
	default:
		return "block"
	}
}
