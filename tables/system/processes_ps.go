package system

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// psNumbers are the columns of ps(1) that hold no blanks, and before the name the start, which holds four.
const psNumbers = "pid=,ppid=,pgid=,ruid=,uid=,svuid=,rgid=,gid=,svgid=,nice=,rss=,vsz=,state=,utime=,time=,lstart=,ucomm="

// psCommand runs ps in UTC, in which it writes times then.
var psCommand = []string{"/usr/bin/env", "TZ=UTC", "LC_ALL=C", "/bin/ps", "-ww"}

// psChunk is how many processes are asked for their arguments at a time: the output of a command is bounded.
const psChunk = 128

// generateDarwinProcesses asks ps(1) for numbers, then for the programs, then for arguments.
func generateDarwinProcesses(ctx context.Context, host tables.Host, q *tables.Query, emit func(*process) error) error {
	which := []string{"-ax"}
	pids, byPID := q.EqualInt("pid")
	if byPID {
		which = []string{"-p", joinPIDs(pids)}
		if len(pids) == 0 {
			return nil
		}
	}
	out, err := runPS(ctx, host, which, psNumbers)
	if err != nil {
		hostfile.Skipped(ctx, host, "/bin/ps", err)
		return ctx.Err()
	}
	var rows []process
	for line := range strings.Lines(out) {
		if row, ok := parsePS(line); ok {
			rows = append(rows, row)
		}
	}
	if q.WantsAny("path", "on_disk") {
		darwinPaths(ctx, host, rows)
	}
	if q.Wants("cmdline") {
		darwinArguments(ctx, host, rows)
	}
	for i := range rows {
		if err := emit(&rows[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func joinPIDs(pids []int64) string {
	texts := make([]string, len(pids))
	for i, pid := range pids {
		texts[i] = strconv.FormatInt(pid, 10)
	}
	return strings.Join(texts, ",")
}

func runPS(ctx context.Context, host tables.Host, which []string, columns string) (string, error) {
	out, err := host.Run(ctx, slices.Concat(psCommand, which, []string{"-o", columns})...)
	return string(out), err
}

// parsePS reads a line of psNumbers.
func parsePS(line string) (p process, ok bool) {
	f := strings.Fields(line)
	const start, name = 15, 20
	if len(f) <= name {
		return p, false
	}
	var n [12]int64
	for i := range n {
		v, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			return p, false
		}
		n[i] = v
	}
	p = process{
		PID: n[0], Parent: tables.Some(n[1]), PGroup: tables.Some(n[2]), UID: tables.Some(n[3]), EUID: tables.Some(n[4]), SUID: tables.Some(n[5]),
		GID: tables.Some(n[6]), EGID: tables.Some(n[7]), SGID: tables.Some(n[8]), Nice: tables.Some(n[9]), ResidentSize: tables.Some(n[10] << 10),
		TotalSize: tables.Some(n[11] << 10), State: tables.Some(f[12][:1]), OnDisk: -1, StartTime: -1, Name: tables.Some(strings.Join(f[name:], " ")),
	}
	user, userKnown := psMilliseconds(f[13])
	total, totalKnown := psMilliseconds(f[14])
	p.UserTime = tables.Null[int64]{V: user, Valid: userKnown}
	p.SystemTime = tables.Null[int64]{V: max(total-user, 0), Valid: userKnown && totalKnown}
	if at, err := time.Parse("Mon Jan 2 15:04:05 2006", strings.Join(f[start:name], " ")); err == nil {
		p.StartTime = at.Unix()
	}
	return p, true
}

// psMilliseconds reads a time of the processor, as 1:02.03 or 12:01:02.03.
func psMilliseconds(text string) (int64, bool) {
	var seconds float64
	for part := range strings.SplitSeq(text, ":") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || !(v >= 0 && v < 1e9) {
			return 0, false
		}
		seconds = seconds*60 + v
	}
	if seconds > 1e12 {
		return 0, false
	}
	return int64(seconds*1000 + 0.5), true
}

// psTexts runs ps for one column of text, which may hold blanks, and gives it by process.
func psTexts(ctx context.Context, host tables.Host, rows []process, column string) map[int64]string {
	texts := map[int64]string{}
	for some := range slices.Chunk(rows, psChunk) {
		pids := make([]int64, len(some))
		for i := range some {
			pids[i] = some[i].PID
		}
		out, err := runPS(ctx, host, []string{"-p", joinPIDs(pids)}, "pid=,"+column+"=")
		if err != nil {
			hostfile.Skipped(ctx, host, "/bin/ps", err) // one of them may have ended; what was printed counts
		}
		for line := range strings.Lines(out) {
			number, text, _ := strings.Cut(strings.TrimLeft(line, " "), " ")
			if pid, err := strconv.ParseInt(number, 10, 64); err == nil {
				texts[pid] = strings.TrimSpace(text)
			}
		}
	}
	return texts
}

func darwinPaths(ctx context.Context, host tables.Host, rows []process) {
	paths := psTexts(ctx, host, rows, "comm")
	for i := range rows {
		name := paths[rows[i].PID]
		if !strings.HasPrefix(name, "/") {
			continue
		}
		rows[i].Path, rows[i].OnDisk = tables.Some(name), 0
		if _, err := host.Stat(name); err == nil {
			rows[i].OnDisk = 1
		}
	}
}

func darwinArguments(ctx context.Context, host tables.Host, rows []process) {
	arguments := psTexts(ctx, host, rows, "args")
	for i := range rows {
		if text, known := arguments[rows[i].PID]; known {
			rows[i].Cmdline = tables.Some(mask.CommandLine(text))
		}
	}
}
