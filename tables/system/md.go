package system

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// mdStatus is what the kernel tells of software RAID.
type mdStatus struct {
	personalities []string
	unused        string
	arrays        []mdArray
}

// mdArray is one array.
type mdArray struct {
	name, status, level string
	members             []mdMember
	blocks              tables.Null[int64]
	chunk               tables.Null[int64]
	superblock          string
	raidDisks, active   tables.Null[int64]
	bitmap              mdBitmap
	syncs               map[string]mdSync
	other               []string
}

// mdMember is a device in an array, sda1[0](F).
type mdMember struct {
	device string
	flags  string
}

type mdBitmap struct{ onMem, chunkSize, file string }

// mdSync is the state of a recovery, resync, reshape or check.
type mdSync struct{ progress, finish, speed string }

// has tells whether the kernel marks the member with a letter: F faulty, S spare, J journal, R replacement.
func (m mdMember) has(flag byte) bool { return strings.IndexByte(m.flags, flag) >= 0 }

func readMD(ctx context.Context, host tables.Host) (mdStatus, error) {
	data, err := hostfile.Source(ctx, host, "/proc/mdstat")
	return parseMD(string(data)), err
}

// parseMD reads /proc/mdstat: md(4), and status functions of the kernel's drivers/md.
func parseMD(text string) mdStatus {
	var s mdStatus
	var array *mdArray
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		name, rest, found := strings.Cut(line, " : ")
		switch {
		case strings.HasPrefix(line, "Personalities :"):
			for _, field := range strings.Fields(line)[1:] {
				if personality := strings.Trim(field, "[]"); personality != ":" && personality != "" {
					s.personalities = append(s.personalities, personality)
				}
			}
		case strings.HasPrefix(line, "unused devices:"):
			s.unused = strings.TrimSpace(strings.TrimPrefix(line, "unused devices:"))
		case found && name != "" && name[0] != ' ' && name[0] != '\t':
			s.arrays = append(s.arrays, parseMDHead(name, rest))
			array = &s.arrays[len(s.arrays)-1]
		case array != nil && strings.TrimSpace(line) != "":
			array.detail(strings.TrimSpace(line))
		}
	}
	return s
}

// parseMDHead reads active (read-only) raid1 sdb1[1] sda1[0]; an inactive array has no level.
func parseMDHead(name, rest string) mdArray {
	a := mdArray{name: name, syncs: map[string]mdSync{}}
	for _, field := range strings.Fields(rest) {
		device, flags, member := strings.Cut(field, "[")
		switch {
		case a.status == "":
			a.status = field
		case member:
			_, flags, _ = strings.Cut(flags, "]")
			a.members = append(a.members, mdMember{device: device, flags: flags})
		case strings.HasPrefix(field, "("):
			a.other = append(a.other, field)
		case a.level == "":
			a.level = field
		}
	}
	return a
}

// detail reads one of the indented lines below an array's first.
func (a *mdArray) detail(line string) {
	if rest, found := strings.CutPrefix(line, "bitmap: "); found {
		a.bitmap = parseMDBitmap(rest)
		return
	}
	if blocks, rest, found := strings.Cut(line, " blocks"); found && !a.blocks.Valid {
		if a.blocks = number(blocks); a.blocks.Valid {
			a.size(rest)
			return
		}
	}
	if kind, sync, found := parseMDSync(line); found {
		a.syncs[kind] = sync
		return
	}
	a.other = append(a.other, line)
}

// size reads super 1.2 level 5, 64k chunk, algorithm 2 [6/5] [UUUUU_].
func (a *mdArray) size(rest string) {
	fields := strings.Fields(rest)
	for i, field := range fields {
		switch {
		case field == "super" && i+1 < len(fields):
			a.superblock = fields[i+1]
		case (field == "chunk" || field == "chunk," || field == "chunks") && i > 0 && !a.chunk.Valid:
			if kib := number(strings.TrimRight(fields[i-1], "kK")); kib.Valid && kib.V >= 0 && kib.V < 1<<50 {
				a.chunk = tables.Some(kib.V << 10)
			}
		case strings.HasPrefix(field, "[") && strings.Contains(field, "/"):
			disks, active, _ := strings.Cut(strings.Trim(field, "[]"), "/")
			a.raidDisks, a.active = number(disks), number(active)
		}
	}
}

// parseMDBitmap reads 1/233 pages [4KB], 65536KB chunk, file: /path.
func parseMDBitmap(text string) (b mdBitmap) {
	for part := range strings.SplitSeq(text, ", ") {
		if file, found := strings.CutPrefix(part, "file: "); found {
			b.file = file
		} else if size, found := strings.CutSuffix(part, " chunk"); found {
			b.chunkSize = size
		} else if strings.Contains(part, " pages") {
			b.onMem = part
		}
	}
	return b
}

// parseMDSync reads [=>...]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec, or resync=DELAYED.
func parseMDSync(line string) (kind string, s mdSync, ok bool) {
	if strings.HasPrefix(line, "[") {
		_, line, _ = strings.Cut(line, "]")
	}
	kind, rest, found := strings.Cut(line, "=")
	switch kind = strings.TrimSpace(kind); kind {
	case "recovery", "resync", "reshape", "check":
	default:
		return "", s, false
	}
	var progress []string
	for _, field := range strings.Fields(rest) {
		if finish, is := strings.CutPrefix(field, "finish="); is {
			s.finish = finish
		} else if speed, is := strings.CutPrefix(field, "speed="); is {
			s.speed = speed
		} else {
			progress = append(progress, field)
		}
	}
	s.progress = strings.Join(progress, " ")
	return kind, s, found
}

// mdLevel gives the kernel's number for a personality.
func mdLevel(personality string) tables.Null[int64] {
	switch personality {
	case "linear":
		return tables.Some(int64(-1))
	case "multipath":
		return tables.Some(int64(-4))
	case "faulty":
		return tables.Some(int64(-5))
	}
	level, found := strings.CutPrefix(personality, "raid")
	if !found {
		return tables.Null[int64]{}
	}
	return number(level)
}

func number(text string) (v tables.Null[int64]) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		v = tables.Some(n)
	}
	return v
}
