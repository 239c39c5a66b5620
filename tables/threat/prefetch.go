package threat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/prefetch"
)

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
var Prefetch = tables.Define[prefetchFile](tables.Spec{
	Name: "prefetch", Doc: "Traces of programs that ran, which Windows keeps to start them faster.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT filename, run_count, datetime(last_run_time, 'unixepoch') FROM prefetch"},
}, generatePrefetch)

const prefetchDirectory = `C:\Windows\Prefetch`

func generatePrefetch(ctx context.Context, host tables.Host, q *tables.Query, emit func(*prefetchFile) error) error {
	paths := q.Equal("path")
	for _, entry := range hostfile.List(ctx, host, prefetchDirectory) {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := prefetchDirectory + `\` + entry.Name()
		if !strings.EqualFold(path[max(len(path)-3, 0):], ".pf") || paths != nil && !slices.Contains(paths, path) {
			continue
		}
		data, ok := hostfile.OneOfMany(ctx, host, path)
		if !ok {
			continue
		}
		trace, err := prefetch.Parse(data)
		if err != nil {
			hostfile.Skipped(ctx, host, path, err)
			continue
		}
		row := prefetchRow(trace)
		row.Path, row.Size = path, int32(len(data))
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func prefetchRow(t *prefetch.Trace) prefetchFile {
	row := prefetchFile{
		Filename: t.Program, Hash: fmt.Sprintf("%08X", t.Hash), RunCount: int32(t.RunCount), AccessedFilesCount: int32(len(t.Files)),
		AccessedDirectoriesCount: int32(len(t.Directories)), AccessedFiles: strings.Join(t.Files, ","), AccessedDirectories: strings.Join(t.Directories, ","),
	}
	var others, serials, creations []string
	for i, run := range t.Runs {
		if i == 0 {
			row.LastRunTime = int32(run.Unix())
			continue
		}
		others = append(others, strconv.FormatInt(run.Unix(), 10))
	}
	for _, v := range t.Volumes {
		serials, creations = append(serials, fmt.Sprintf("%08X", v.Serial)), append(creations, strconv.FormatInt(unixOf(v.Created), 10))
	}
	row.OtherRunTimes, row.VolumeSerial, row.VolumeCreation = strings.Join(others, ","), strings.Join(serials, ","), strings.Join(creations, ",")
	for _, file := range t.Files { // the program is one of the files that it used
		if strings.HasSuffix(strings.ToUpper(file), `\`+strings.ToUpper(t.Program)) {
			row.ExecutablePath = file
			break
		}
	}
	return row
}
