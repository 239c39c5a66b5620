package threat

import "github.com/tenantra/tenantra/tables"

// esFileEvent is one change of a file by a process.
type esFileEvent struct {
	Version      int64  `col:"version" type:"INTEGER" doc:"Version of the message."`
	SeqNum       int64  `col:"seq_num" doc:"Number of the message of its kind."`
	GlobalSeqNum int64  `col:"global_seq_num" doc:"Number of the message."`
	PID          int64  `col:"pid" doc:"Process."`
	Parent       int64  `col:"parent" doc:"Parent process."`
	Path         string `col:"path" doc:"Program."`
	Filename     string `col:"filename" doc:"File."`
	DestFilename string `col:"dest_filename" doc:"New name of the file."`
	EventType    string `col:"event_type" doc:"Kind of change."`
	Time         int64  `col:"time" opt:"additional" doc:"When, in Unix seconds."`
	EID          string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// ESProcessFileEvents would have a row for each event.
// This build has no generator: Endpoint Security needs a framework and an entitlement of Apple's.
var ESProcessFileEvents = tables.Define[esFileEvent](tables.Spec{
	Name: "es_process_file_events", Doc: "Changes of files by processes, as Endpoint Security of macOS reports them.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT time, path, filename FROM es_process_file_events WHERE event_type = 'write'"},
}, nil)
