package files

import (
	"bytes"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// mount is one mounted file system. Sizes and counts are NULL where the file system was not asked or did not answer.
type mount struct {
	Device          string             `col:"device" doc:"What is mounted: a device, a remote share, or the type's own name."`
	DeviceAlias     string             `col:"device_alias" doc:"Device with links resolved: /dev/dm-0 for /dev/mapper/root."`
	Path            string             `col:"path" doc:"Directory that it is mounted on."`
	Type            string             `col:"type" doc:"File system type."`
	BlocksSize      tables.Null[int64] `col:"blocks_size" doc:"Bytes of one block, the unit of the block counts."`
	Blocks          tables.Null[int64] `col:"blocks" doc:"Blocks in all."`
	BlocksFree      tables.Null[int64] `col:"blocks_free" doc:"Free blocks."`
	BlocksAvailable tables.Null[int64] `col:"blocks_available" doc:"Free blocks that ordinary users may use."`
	Inodes          tables.Null[int64] `col:"inodes" doc:"Inodes in all."`
	InodesFree      tables.Null[int64] `col:"inodes_free" doc:"Free inodes."`
	Flags           string             `col:"flags" doc:"Mount options, joined by commas."`
}

// Mounts has a row for each mount that the first process sees, in the order of mounting.
// Source: proc_pid_mounts(5) and statfs(2) on Linux.
var Mounts = tables.DefineByPlatform(tables.Spec{
	Name: "mounts", Doc: "Mounted file systems with their size and options.",
	Category: tables.Files, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{
		"SELECT path, type, flags FROM mounts WHERE path = '/tmp' AND flags NOT LIKE '%noexec%'",
		"SELECT path, round(100.0 * blocks_available / blocks, 1) AS free_percent FROM mounts WHERE blocks > 0",
	},
}, tables.Generators[mount]{Darwin: generateDarwinMounts}.OnBuild(generateMounts))

// parseMounts reads the lines of proc_pid_mounts(5): device, directory, type, options, two unused numbers. Lines that
// are cut off are left out.
func parseMounts(data []byte) []mount {
	var mounts []mount
	for line := range bytes.Lines(data) {
		f := strings.Fields(string(line))
		if len(f) < 4 {
			continue
		}
		device := unescapeMount(f[0])
		mounts = append(mounts, mount{Device: device, DeviceAlias: device, Path: unescapeMount(f[1]), Type: f[2], Flags: f[3]})
	}
	return mounts
}

// unescapeMount undoes the kernel's octal escapes of blanks, newlines, backslashes and number signs.
func unescapeMount(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) && octal(text[i+1]) && text[i+1] < '4' && octal(text[i+2]) && octal(text[i+3]) {
			b.WriteByte((text[i+1]-'0')<<6 | (text[i+2]-'0')<<3 | (text[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func octal(c byte) bool { return c >= '0' && c <= '7' }
