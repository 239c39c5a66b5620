// Package syslog records messages of the system's log that a log daemon writes to a named pipe, in the lines that osquery
// documents: time, host, severity, facility, tag and message as comma-separated values.
//
// The pipe lies in the agent's state directory and is only root's to write. The agent opens it without waiting for a writer, and
// for writing too, so that a log daemon that restarts does not end it.
package syslog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables/threat"
)

// The names under which events are recorded.
const (
	Table     = "syslog_events"
	Publisher = "syslog"
)

// PipeName is the pipe's name in the state directory. It has a directory of its own: the state directory itself holds regular
// files only, so that one that a killed agent left behind would keep the next from starting.
const PipeName = "log/syslog.pipe"

// lineMax bounds one line.
const lineMax = 32 << 10

// Run records messages until the context ends.
func Run(ctx context.Context, stateDir string, to *buffer.Buffer, log *slog.Logger) error {
	path := filepath.Join(stateDir, PipeName)
	f, err := openPipe(path)
	if err != nil {
		return err
	}
	defer os.Remove(path) // a log daemon that writes to a pipe without a reader would wait
	defer f.Close()
	defer context.AfterFunc(ctx, func() { f.Close() })()
	status := buffer.Status{Publisher: Publisher, Active: true, Subscriptions: 1,
		Reason: "nothing was written to " + path + " yet: have the log daemon write there, see docs/howto/record-events.md"}
	to.SetStatus(Table, status)
	lines := bufio.NewReaderSize(f, lineMax)
	for {
		line, err := lines.ReadSlice('\n')
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, bufio.ErrBufferFull):
			if err := skipLine(lines); err != nil {
				return fmt.Errorf("read %s: %w", path, err)
			}
			to.Dropped(Table, 1, fmt.Sprintf("a line of more than %d KiB is not recorded", lineMax>>10))
			continue
		case err != nil:
			return fmt.Errorf("read %s: %w", path, err)
		}
		if status.Reason != "" {
			status.Reason = ""
			to.SetStatus(Table, status)
		}
		now := time.Now()
		row, ok := parseLine(line)
		if !ok {
			to.Dropped(Table, 1, "a line is not of the form time,host,severity,facility,tag,message: see docs/howto/record-events.md")
			log.DebugContext(ctx, "a line of the log could not be read", "bytes", len(line))
			continue
		}
		row.Time = now.Unix()
		to.Record(Table, now, row)
	}
}

func skipLine(lines *bufio.Reader) error {
	for {
		if _, err := lines.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// openPipe makes the pipe anew, so that it is a pipe, the agent's own, and nobody else's to write.
func openPipe(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the log's pipe: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("make the log's pipe: %w", err)
	}
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return nil, fmt.Errorf("make the log's pipe %s: %w", path, err)
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, fmt.Errorf("open the log's pipe %s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// parseLine reads one line. Message and tag lose the blanks around them, which rsyslog writes.
func parseLine(line []byte) (*threat.SyslogEvent, bool) {
	r := csv.NewReader(bytes.NewReader(line))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	fields, err := r.Read()
	if err != nil || len(fields) < 6 {
		return nil, false
	}
	severity, err := strconv.ParseInt(strings.TrimSpace(fields[2]), 10, 32)
	if err != nil || severity < 0 || severity > 7 {
		return nil, false
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(strings.ToValidUTF8(fields[i], "\ufffd"))
	}
	return &threat.SyslogEvent{
		DateTime: fields[0], Host: fields[1], Severity: int32(severity), Facility: fields[3], Tag: strings.TrimSuffix(fields[4], ":"),
		Message: strings.Join(fields[5:], ","), // of a template that does not quote it
	}, true
}
