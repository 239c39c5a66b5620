package system

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// aslMessage is one message of the older log.
type aslMessage struct {
	Time        int64  `col:"time" type:"INTEGER" opt:"additional" doc:"When, in Unix seconds."`
	TimeNanoSec int64  `col:"time_nano_sec" type:"INTEGER" opt:"additional" doc:"Nanoseconds after that."`
	Host        string `col:"host" opt:"additional" doc:"Machine."`
	Sender      string `col:"sender" opt:"additional" doc:"Program."`
	Facility    string `col:"facility" opt:"additional" doc:"Facility."`
	PID         int64  `col:"pid" type:"INTEGER" opt:"additional" doc:"Process."`
	GID         int64  `col:"gid" opt:"additional" doc:"Group of the process."`
	UID         int64  `col:"uid" opt:"additional" doc:"User of the process."`
	Level       int64  `col:"level" type:"INTEGER" opt:"additional" doc:"Level from 0, emergency, to 7, debug."`
	Message     string `col:"message" opt:"additional" class:"content" doc:"Text."`
	RefPID      int64  `col:"ref_pid" type:"INTEGER" opt:"additional" doc:"Process on whose behalf it was sent."`
	RefProc     string `col:"ref_proc" opt:"additional" doc:"Name of that process."`
	Extra       string `col:"extra" class:"content" doc:"Further keys as JSON."`
}

// ASL has a row for each message of the Apple System Log, which systems since 10.12 keep nearly empty.
// Source: syslog(1) on a running system.
var ASL = tables.Define[aslMessage](tables.Spec{
	Name: "asl", Doc: "The Apple System Log of older systems.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT time, sender, message FROM asl WHERE facility = 'auth' AND level <= 3"},
}, generateASL)

func generateASL(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*aslMessage) error) error {
	out, err := host.Run(ctx, "/usr/bin/syslog", "-F", "raw", "-T", "sec")
	if err != nil {
		hostfile.Skipped(ctx, host, "/usr/bin/syslog", err)
		return ctx.Err()
	}
	for line := range strings.Lines(string(out)) {
		row, ok := parseASL(line)
		if !ok {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseASL reads a line such as [Time 1767323045] [Sender sshd] [Message text]; brackets in values have a backslash.
func parseASL(line string) (row aslMessage, ok bool) {
	integers := map[string]*int64{
		"Time": &row.Time, "TimeNanoSec": &row.TimeNanoSec, "PID": &row.PID, "GID": &row.GID, "UID": &row.UID, "Level": &row.Level, "RefPID": &row.RefPID,
	}
	texts := map[string]*string{"Host": &row.Host, "Sender": &row.Sender, "Facility": &row.Facility, "Message": &row.Message, "RefProc": &row.RefProc}
	extra := map[string]string{}
	for {
		start := strings.IndexByte(line, '[')
		if start < 0 {
			break
		}
		field, rest := aslField(line[start+1:])
		line = rest
		key, value, _ := strings.Cut(field, " ")
		switch {
		case integers[key] != nil:
			*integers[key], _ = strconv.ParseInt(value, 10, 64)
			ok = ok || key == "Time"
		case texts[key] != nil:
			*texts[key] = value
		case key != "":
			extra[key] = value
		}
	}
	if len(extra) > 0 {
		if text, err := json.Marshal(extra); err == nil {
			row.Extra = string(text)
		}
	}
	return row, ok
}

// aslField reads up to a bracket that closes, and gives what follows it.
func aslField(text string) (field, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == ']':
			return b.String(), text[i+1:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}
