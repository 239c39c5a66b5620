package system

import (
	"context"
	"encoding/binary"
	"errors"
	"path"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// printJob is one job that a printer did or has yet to do.
type printJob struct {
	Title          string `col:"title" class:"personal" doc:"Title of the job."`
	Destination    string `col:"destination" doc:"Printer."`
	User           string `col:"user" class:"personal" doc:"User who gave it."`
	Format         string `col:"format" doc:"Type of the document."`
	Size           int64  `col:"size" type:"INTEGER" doc:"Kibibytes."`
	CompletedTime  int64  `col:"completed_time" type:"INTEGER" doc:"When it was done, in Unix seconds; 0 where it was not."`
	ProcessingTime int64  `col:"processing_time" type:"INTEGER" doc:"When it was begun."`
	CreationTime   int64  `col:"creation_time" type:"INTEGER" doc:"When it was given."`
}

// CUPSJobs has a row for each job that CUPS remembers.
// Source: the control files in /var/spool/cups, which only root may read; their format is that of RFC 8010.
var CUPSJobs = tables.Define[printJob](tables.Spec{
	Name: "cups_jobs", Doc: "Print jobs that CUPS remembers.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT destination, size, datetime(creation_time, 'unixepoch') AS at FROM cups_jobs"},
}, generateCUPSJobs)

const printSpool = "/var/spool/cups/c[0-9]*"

func generateCUPSJobs(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*printJob) error) error {
	files, err := host.Glob(printSpool)
	if err != nil {
		return err
	}
	for _, file := range files {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		row, err := parsePrintJob(data)
		if err != nil {
			hostfile.Skipped(ctx, host, file, err)
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

var errIPP = errors.New("print job is damaged")

// parsePrintJob reads attributes of the Internet Printing Protocol: after a head of eight bytes, tags below 0x10 that begin
// groups, and else a tag, a name and a value, each of the latter with its length before it.
func parsePrintJob(data []byte) (printJob, error) {
	var row printJob
	if len(data) < 9 {
		return row, errIPP
	}
	text := func(into *string) func([]byte) { return func(value []byte) { *into = string(value) } }
	number := func(into *int64) func([]byte) {
		return func(value []byte) {
			if len(value) == 4 {
				*into = int64(int32(binary.BigEndian.Uint32(value)))
			}
		}
	}
	columns := map[string]func([]byte){
		"job-name": text(&row.Title), "job-originating-user-name": text(&row.User), "document-format": text(&row.Format),
		"job-printer-uri": func(value []byte) { row.Destination = path.Base(string(value)) }, "job-k-octets": number(&row.Size),
		"time-at-completed": number(&row.CompletedTime), "time-at-processing": number(&row.ProcessingTime), "time-at-creation": number(&row.CreationTime),
	}
	const endOfAttributes, firstValueTag = 0x03, 0x10
	for rest := data[8:]; len(rest) > 0; {
		tag := rest[0]
		rest = rest[1:]
		if tag == endOfAttributes {
			return row, nil
		}
		if tag < firstValueTag {
			continue
		}
		var name, value []byte
		for _, field := range []*[]byte{&name, &value} {
			if len(rest) < 2 {
				return row, errIPP
			}
			size := int(binary.BigEndian.Uint16(rest))
			if len(rest) < 2+size {
				return row, errIPP
			}
			*field, rest = rest[2:2+size], rest[2+size:]
		}
		if set := columns[string(name)]; set != nil {
			set(value)
		}
	}
	return row, errIPP
}
