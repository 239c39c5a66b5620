package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// logEntry is one entry of the system's log.
type logEntry struct {
	Timestamp       int64              `col:"timestamp" opt:"additional" doc:"When, in Unix seconds."`
	TimestampDouble string             `col:"timestamp_double" doc:"When, in Unix seconds with a fraction."`
	Storage         tables.Null[int64] `col:"storage" type:"INTEGER" opt:"additional" doc:"Where it is kept; NULL, as log(1) does not tell."`
	Message         string             `col:"message" opt:"additional" class:"content" doc:"Text."`
	Activity        int64              `col:"activity" opt:"additional" doc:"Activity that it belongs to."`
	Process         string             `col:"process" opt:"additional" doc:"Process."`
	PID             int64              `col:"pid" opt:"additional" doc:"Number of the process."`
	Sender          string             `col:"sender" opt:"additional" doc:"Program or library that wrote it."`
	TID             int64              `col:"tid" opt:"additional" doc:"Thread."`
	Category        string             `col:"category" opt:"additional" doc:"Category within the subsystem."`
	Subsystem       string             `col:"subsystem" opt:"additional" doc:"Subsystem, such as com.apple.securityd."`
	Level           string             `col:"level" opt:"additional" doc:"default, info, debug, error or fault."`
	MaxRows         tables.Null[int64] `col:"max_rows" type:"INTEGER" opt:"additional,hidden" doc:"How many rows at most; 100 where that is not given."`
	Predicate       string             `col:"predicate" opt:"additional,hidden" doc:"Further condition in the form of log(1)."`
}

// UnifiedLog has a row for each entry, from the timestamp that a statement asks for on, or of the last minute; at most
// max_rows, 100 where that is not given.
// Source: log(1) on a running system.
var UnifiedLog = tables.Define[logEntry](tables.Spec{
	Name: "unified_log", Doc: "The unified log of macOS.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Expensive, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT timestamp, process, message FROM unified_log WHERE timestamp > (SELECT unix_time - 300 FROM time) AND predicate = 'process == \"sudo\"'"},
}, generateUnifiedLog)

const logRows = 100

func generateUnifiedLog(ctx context.Context, host tables.Host, q *tables.Query, emit func(*logEntry) error) error {
	most, limit := int64(logRows), tables.Null[int64]{}
	if rows, given := q.EqualInt("max_rows"); given && len(rows) > 0 {
		most, limit = rows[0], tables.Some(rows[0])
	}
	argv := []string{"/usr/bin/log", "show", "--style", "ndjson", "--info", "--debug"}
	if low, _ := q.Range("timestamp"); low.Set {
		seconds, err := strconv.ParseInt(low.Value, 10, 64)
		if err != nil {
			return fmt.Errorf("timestamp %q is no integer", low.Value)
		}
		argv = append(argv, "--start", time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04:05+0000"))
	} else {
		argv = append(argv, "--last", "1m")
	}
	predicate := ""
	if given := q.Equal("predicate"); len(given) > 0 {
		predicate = given[0]
		argv = append(argv, "--predicate", predicate)
	}
	out, err := host.Run(ctx, argv...)
	if err != nil {
		if errors.Is(err, errors.ErrUnsupported) {
			return ctx.Err()
		}
		return fmt.Errorf("read the log (ask for a later timestamp or a narrower predicate): %w", err)
	}
	for line := range strings.Lines(string(out)) {
		row, ok := parseLogEntry(line)
		if !ok {
			continue
		}
		if most--; most < 0 {
			break
		}
		row.MaxRows, row.Predicate = limit, predicate
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseLogEntry reads a line of JSON. Lines of another kind, as that of the count, have no message.
func parseLogEntry(line string) (row logEntry, ok bool) {
	var e struct {
		Timestamp        string
		EventMessage     *string
		Subsystem        string
		Category         string
		ProcessImagePath string
		SenderImagePath  string
		ProcessID        int64
		ThreadID         int64
		ActivityID       int64 `json:"activityIdentifier"`
		MessageType      string
	}
	if json.Unmarshal([]byte(line), &e) != nil || e.EventMessage == nil {
		return row, false
	}
	at, err := time.Parse("2006-01-02 15:04:05.999999-0700", e.Timestamp)
	if err != nil {
		return row, false
	}
	return logEntry{
		Timestamp: at.Unix(), TimestampDouble: fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000), Message: *e.EventMessage, Activity: e.ActivityID,
		Process: path.Base(e.ProcessImagePath), PID: e.ProcessID, Sender: path.Base(e.SenderImagePath), TID: e.ThreadID, Category: e.Category,
		Subsystem: e.Subsystem, Level: strings.ToLower(e.MessageType),
	}, true
}
