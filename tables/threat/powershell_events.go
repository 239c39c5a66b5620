package threat

import "github.com/tenantra/tenantra/tables"

// powershellEvent is one script block.
type powershellEvent struct {
	Time             int64   `col:"time" opt:"additional" doc:"When it was received, in Unix seconds."`
	Datetime         string  `col:"datetime" doc:"When it was logged."`
	ScriptBlockID    string  `col:"script_block_id" doc:"Identifier of the script block."`
	ScriptBlockCount int32   `col:"script_block_count" doc:"Number of its parts."`
	ScriptText       string  `col:"script_text" class:"content" doc:"Text of the script."`
	ScriptName       string  `col:"script_name" doc:"Name of the script."`
	ScriptPath       string  `col:"script_path" doc:"Path of the script."`
	CosineSimilarity float64 `col:"cosine_similarity" doc:"How usual its characters are, from 0 to 1."`
}

// PowershellEvents has a row for each script block that was logged while the agent watched.
// Source: event 4104 of Microsoft-Windows-PowerShell/Operational.
var PowershellEvents = tables.DefineByPlatform(tables.Spec{
	Name: "powershell_events", Doc: "Scripts that PowerShell ran.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT datetime, script_path, script_text FROM powershell_events"},
}, unrecorded[powershellEvent]("powershell_events"))
