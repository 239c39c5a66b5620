package services

import "github.com/tenantra/tenantra/tables"

// scheduledTask is one task of the Task Scheduler.
type scheduledTask struct {
	Name           string `col:"name" doc:"Name of the task."`
	Action         string `col:"action" doc:"What it runs: command lines joined by commas."`
	Path           string `col:"path" doc:"Path of the task in the scheduler's folders."`
	Enabled        int32  `col:"enabled" doc:"1 where it is enabled."`
	State          string `col:"state" doc:"Ready, disabled, running, queued or unknown."`
	Hidden         int32  `col:"hidden" doc:"1 where it is hidden from people."`
	LastRunTime    int64  `col:"last_run_time" doc:"When it ran last, in Unix seconds."`
	NextRunTime    int64  `col:"next_run_time" doc:"When it will run next, in Unix seconds."`
	LastRunMessage string `col:"last_run_message" doc:"What its last result means."`
	LastRunCode    string `col:"last_run_code" doc:"Its last result."`
}

// ScheduledTasks has a row for each task.
// Source: the XML files below System32\Tasks, and TaskCache in the registry for when a task ran.
var ScheduledTasks = tables.DefineByPlatform(tables.Spec{
	Name: "scheduled_tasks", Doc: "Tasks of the Task Scheduler.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT name, action, path FROM scheduled_tasks WHERE enabled = 1 AND hidden = 1"},
}, tables.Generators[scheduledTask]{})
