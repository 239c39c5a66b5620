package threat

import "github.com/tenantra/tenantra/tables"

// prefetchFile is the trace of one program's starts.
type prefetchFile struct {
	Path                     string `col:"path" opt:"additional" doc:"File of the trace."`
	Filename                 string `col:"filename" doc:"Name of the program."`
	Hash                     string `col:"hash" collate:"NOCASE" doc:"Hash of the program's path."`
	LastRunTime              int32  `col:"last_run_time" doc:"When it ran last, in Unix seconds."`
	OtherRunTimes            string `col:"other_run_times" doc:"When it ran before, in Unix seconds joined by commas."`
	RunCount                 int32  `col:"run_count" doc:"How often it ran."`
	Size                     int32  `col:"size" doc:"Size of the trace in bytes."`
	VolumeSerial             string `col:"volume_serial" doc:"Serial numbers of the volumes, joined by commas."`
	VolumeCreation           string `col:"volume_creation" doc:"When the volumes were made, in Unix seconds joined by commas."`
	AccessedFilesCount       int32  `col:"accessed_files_count" doc:"Number of files that it read while it started."`
	AccessedDirectoriesCount int32  `col:"accessed_directories_count" doc:"Number of directories that it used while it started."`
	AccessedFiles            string `col:"accessed_files" class:"content" doc:"Files that it read, joined by commas."`
	AccessedDirectories      string `col:"accessed_directories" class:"content" doc:"Directories that it used, joined by commas."`
	ExecutablePath           string `col:"executable_path" doc:"Path of the program, where the trace holds it."`
}

// Prefetch has a row for each file of traces.
// Source: C:\Windows\Prefetch.
var Prefetch = tables.DefineByPlatform(tables.Spec{
	Name: "prefetch", Doc: "Traces of programs that ran, which Windows keeps to start them faster.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT filename, run_count, datetime(last_run_time, 'unixepoch') FROM prefetch"},
}, tables.Generators[prefetchFile]{})
