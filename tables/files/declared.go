package files

import "github.com/tenantra/tenantra/tables"

// The tables in this file have osquery's schema, so that packs that name them compile. No build has a generator; a query of
// them is an error that says so.

// deviceFile is one file of a file system that is read from its device.
type deviceFile struct {
	Device    string `col:"device" opt:"required,index" doc:"Device or image of a disk."`
	Partition string `col:"partition" opt:"required,index" doc:"Number of the partition."`
	Path      string `col:"path" opt:"additional" doc:"Path in the file system."`
	Filename  string `col:"filename" doc:"Last part of the path."`
	Inode     int64  `col:"inode" opt:"index" doc:"Inode number."`
	UID       int64  `col:"uid" doc:"Owner's user number."`
	GID       int64  `col:"gid" doc:"Owner's group number."`
	Mode      string `col:"mode" doc:"Permissions in octal."`
	Size      int64  `col:"size" doc:"Bytes of the file."`
	BlockSize int32  `col:"block_size" doc:"Bytes of a block."`
	ATime     int64  `col:"atime" doc:"Last reading, in Unix seconds."`
	MTime     int64  `col:"mtime" doc:"Last change, in Unix seconds."`
	CTime     int64  `col:"ctime" doc:"Last change of its state, in Unix seconds."`
	HardLinks int32  `col:"hard_links" doc:"Number of its names."`
	Type      string `col:"type" doc:"Kind of file."`
}

// deviceHash is one such file with its digests.
type deviceHash struct {
	Device    string `col:"device" opt:"required" doc:"Device or image of a disk."`
	Partition string `col:"partition" opt:"required" doc:"Number of the partition."`
	Inode     int64  `col:"inode" opt:"required" doc:"Inode number."`
	MD5       string `col:"md5" collate:"NOCASE" doc:"MD5 digest of the content."`
	SHA1      string `col:"sha1" collate:"NOCASE" doc:"SHA-1 digest of the content."`
	SHA256    string `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest of the content."`
}

// These tables of devices need The Sleuth Kit, a library in C++ that reads file systems without mounting them.
var (
	DeviceFile = tables.DefineByPlatform(tables.Spec{
		Name: "device_file", Doc: "Files read from a device without mounting it.",
		Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.Root,
		Examples: []string{"SELECT path, size FROM device_file WHERE device = '/dev/sda' AND partition = '1' AND path = '/'"},
	}, tables.Generators[deviceFile]{})

	DeviceHash = tables.DefineByPlatform(tables.Spec{
		Name: "device_hash", Doc: "Digests of files read from a device without mounting it.",
		Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.Root,
		Examples: []string{"SELECT sha256 FROM device_hash WHERE device = '/dev/sda' AND partition = '1' AND inode = 12"},
	}, tables.Generators[deviceHash]{})
)
