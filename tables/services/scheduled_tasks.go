package services

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// scheduledTask is one task of the Task Scheduler.
type scheduledTask struct {
	Name           string              `col:"name" doc:"Name of the task."`
	Action         string              `col:"action" doc:"What it runs: command lines joined by commas."`
	Path           string              `col:"path" doc:"Path of the task in the scheduler's folders."`
	Enabled        int32               `col:"enabled" doc:"1 where it is enabled."`
	State          string              `col:"state" doc:"Ready, disabled, running, queued or unknown."`
	Hidden         int32               `col:"hidden" doc:"1 where it is hidden from people."`
	LastRunTime    tables.Null[int64]  `col:"last_run_time" doc:"When it ran last, in Unix seconds."`
	NextRunTime    tables.Null[int64]  `col:"next_run_time" doc:"When it will run next, in Unix seconds."`
	LastRunMessage tables.Null[string] `col:"last_run_message" doc:"What its last result means."`
	LastRunCode    tables.Null[string] `col:"last_run_code" doc:"Its last result."`
}

// ScheduledTasks has a row for each task.
// Source: the XML files below System32\Tasks, and TaskCache in the registry for when a task ran.
var ScheduledTasks = tables.Define[scheduledTask](tables.Spec{
	Name: "scheduled_tasks", Doc: "Tasks of the Task Scheduler.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, action, path FROM scheduled_tasks WHERE enabled = 1 AND hidden = 1"},
}, generateScheduledTasks)

const (
	taskDirectory = `C:\Windows\System32\Tasks`
	taskCache     = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache`
	taskDepth     = 64
)

func generateScheduledTasks(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*scheduledTask) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	w := taskWalk{ctx: ctx, host: host, cache: r.Key(taskCache), emit: emit}
	return w.directory("", taskDepth)
}

type taskWalk struct {
	ctx   context.Context
	host  tables.Host
	cache *registry.Key
	emit  func(*scheduledTask) error
}

// directory emits the tasks of a folder of the scheduler and of those below.
func (w *taskWalk) directory(folder string, depth int) error {
	for _, entry := range hostfile.List(w.ctx, w.host, taskDirectory+folder) {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		path := folder + `\` + entry.Name()
		if entry.IsDir() {
			if depth > 0 {
				if err := w.directory(path, depth-1); err != nil {
					return err
				}
			}
			continue
		}
		data, ok := hostfile.OneOfMany(w.ctx, w.host, taskDirectory+path)
		if !ok {
			continue
		}
		row, err := parseTask(data)
		if err != nil {
			hostfile.Skipped(w.ctx, w.host, taskDirectory+path, err)
			continue
		}
		row.Name, row.Path = entry.Name(), path
		w.lastRun(&row)
		if err := w.emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// lastRun fills in what the scheduler's own cache tells of a task.
func (w *taskWalk) lastRun(row *scheduledTask) {
	id := w.cache.Open("Tree" + row.Path).Text("Id")
	info, ok := w.cache.Open(`Tasks\` + id).Value("DynamicInfo")
	const codeAt = 0x18
	if id == "" || !ok || len(info.Data) < codeAt+4 {
		return
	}
	if last := registry.FileTime(binary.LittleEndian.Uint64(info.Data[0xC:])); !last.IsZero() {
		row.LastRunTime = tables.Some(last.Unix())
	}
	code := binary.LittleEndian.Uint32(info.Data[codeAt:])
	row.LastRunCode = tables.Some(fmt.Sprintf("0x%X", code))
	if message, known := taskResults[code]; known {
		row.LastRunMessage = tables.Some(message)
	}
}

// taskResults are the results that the scheduler itself gives, by winerror.h.
var taskResults = map[uint32]string{
	0x0: "The operation completed successfully.", 0x41300: "The task is ready to run at its next scheduled time.",
	0x41301: "The task is currently running.", 0x41302: "The task is disabled.", 0x41303: "The task has not yet run.",
	0x41304: "There are no more runs scheduled for this task.", 0x41306: "The last run of the task was terminated by the user.",
	0x1: "Incorrect function.", 0x2: "The system cannot find the file specified.", 0x5: "Access is denied.",
}

// taskXML is what the table needs of a task.
type taskXML struct {
	Settings struct {
		Enabled, Hidden string
	}
	Actions struct {
		Actions []taskAction `xml:",any"`
	}
}

type taskAction struct {
	XMLName            xml.Name
	Command, Arguments string
	ClassID            string `xml:"ClassId"`
	Server             string
}

const taskMax = 1 << 20

// parseTask reads a task's XML, in UTF-16 as Windows writes it, or in UTF-8.
func parseTask(data []byte) (scheduledTask, error) {
	if len(data) > taskMax {
		return scheduledTask{}, errors.New("larger than 1 MiB")
	}
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) {
		data = []byte(registry.UTF16(data[2:]))
	}
	var task taskXML
	d := xml.NewDecoder(bytes.NewReader(data))
	// The text is UTF-8 by now, whatever its first line says.
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	if err := d.Decode(&task); err != nil {
		return scheduledTask{}, fmt.Errorf("parse task: %w", err)
	}
	row := scheduledTask{Enabled: 1, State: "ready"}
	if isFalse(task.Settings.Enabled) {
		row.Enabled, row.State = 0, "disabled"
	}
	if strings.EqualFold(strings.TrimSpace(task.Settings.Hidden), "true") {
		row.Hidden = 1
	}
	var actions []string
	for _, a := range task.Actions.Actions {
		switch a.XMLName.Local {
		case "Exec":
			actions = append(actions, mask.CommandLine(strings.TrimSpace(strings.TrimSpace(a.Command)+" "+strings.TrimSpace(a.Arguments))))
		case "ComHandler":
			actions = append(actions, "COM "+strings.TrimSpace(a.ClassID))
		case "SendEmail":
			actions = append(actions, "mail by "+strings.TrimSpace(a.Server))
		case "ShowMessage":
			actions = append(actions, "message")
		}
	}
	row.Action = strings.Join(actions, ", ")
	return row, nil
}

func isFalse(text string) bool {
	text = strings.TrimSpace(text)
	return strings.EqualFold(text, "false") || text == "0"
}
