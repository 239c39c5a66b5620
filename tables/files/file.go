package files

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// file is one file system object. A link is described by what it leads to, with symlink 1.
type file struct {
	Path              string `col:"path" opt:"required,index" doc:"Absolute path; a directory that a pattern found ends in a slash."`
	Directory         string `col:"directory" opt:"required" doc:"Directory that holds it, for a directory that a pattern found the directory itself."`
	Filename          string `col:"filename" doc:"Last part of the path; a dot for a directory that a pattern found."`
	Inode             int64  `col:"inode" doc:"Inode number."`
	UID               int64  `col:"uid" doc:"Owner."`
	GID               int64  `col:"gid" doc:"Group."`
	Mode              string `col:"mode" doc:"Permission bits as four octal digits: 0644, 4755."`
	Device            int64  `col:"device" doc:"Device number of a device file; 0 for others."`
	Size              int64  `col:"size" doc:"Size in bytes."`
	BlockSize         int32  `col:"block_size" doc:"Block size of the file system in bytes."`
	Atime             int64  `col:"atime" doc:"Last access, in Unix seconds."`
	Mtime             int64  `col:"mtime" doc:"Last change of the content, in Unix seconds."`
	Ctime             int64  `col:"ctime" doc:"Last change of the inode, in Unix seconds."`
	Btime             int64  `col:"btime" doc:"Creation, in Unix seconds; 0 where the file system does not keep it."`
	HardLinks         int32  `col:"hard_links" doc:"Number of names of the file."`
	Symlink           int32  `col:"symlink" doc:"1 where the path is a symbolic link."`
	Type              string `col:"type" doc:"regular, directory, character, block, fifo, socket or unknown (a link that leads nowhere)."`
	SymlinkTargetPath string `col:"symlink_target_path" doc:"Target as the link holds it."`

	Attributes             string `col:"attributes" os:"windows" doc:"Attribute letters of the file."`
	VolumeSerial           string `col:"volume_serial" os:"windows" doc:"Serial number of the volume."`
	FileID                 string `col:"file_id" os:"windows" doc:"Id of the file on its volume."`
	FileVersion            string `col:"file_version" os:"windows" collate:"VERSION" doc:"Version resource of the file."`
	ProductVersion         string `col:"product_version" os:"windows" collate:"VERSION" doc:"Version of the product that the file belongs to."`
	OriginalFilename       string `col:"original_filename" os:"windows" doc:"Name of the file when it was built."`
	ShortcutTargetPath     string `col:"shortcut_target_path" os:"windows" doc:"Path that a shortcut leads to."`
	ShortcutTargetType     string `col:"shortcut_target_type" os:"windows" doc:"Type of what a shortcut leads to."`
	ShortcutTargetLocation string `col:"shortcut_target_location" os:"windows" doc:"Folder of what a shortcut leads to."`
	ShortcutStartIn        string `col:"shortcut_start_in" os:"windows" doc:"Working directory of a shortcut."`
	ShortcutRun            string `col:"shortcut_run" os:"windows" doc:"Window state that a shortcut starts in."`
	ShortcutComment        string `col:"shortcut_comment" os:"windows" doc:"Comment of a shortcut."`
	BSDFlags               string `col:"bsd_flags" os:"darwin" doc:"BSD file flags by name."`
	container.Mount
}

// File has a row for each object that a statement names by path, directory or pattern. In path LIKE, % stays in one
// directory and %% at the end goes down to all levels; unlike osquery, names that start with a dot are found too, since
// that is where unwanted files hide. Links to directories are listed but not entered.
// Source: statx(2) on Linux, GetFileInformationByHandle, version resources and shortcuts on Windows.
var File = tables.DefineByPlatform(tables.Spec{
	Name: "file", Doc: "Facts of files named by path, by directory or by a pattern on the path.",
	Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT path, mode, uid FROM file WHERE directory IN ('/bin', '/sbin', '/usr/bin', '/usr/sbin') AND substr(mode, 4, 1) IN ('2', '3', '6', '7') AND symlink = 0",
		"SELECT path, mode, uid, gid FROM file WHERE path IN ('/etc/crontab', '/etc/cron.d', '/etc/cron.daily')",
		"SELECT count(*) FROM file WHERE path LIKE '/etc/%%'",
	},
}, tables.Generators[file]{Linux: generateFile, Darwin: generateDarwinFile, Windows: generateWindowsFile})

// factColumns are those that need a system call for each file.
var factColumns = []string{
	"inode", "uid", "gid", "mode", "device", "size", "block_size", "atime", "mtime", "ctime", "btime", "hard_links",
	"symlink", "type", "symlink_target_path",
}

// modeText writes permission bits as four octal digits.
func modeText(bits uint32) string {
	return string([]byte{'0' + byte(bits>>9&7), '0' + byte(bits>>6&7), '0' + byte(bits>>3&7), '0' + byte(bits&7)})
}
