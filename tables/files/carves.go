package files

import (
	"context"
	"errors"

	"github.com/tenantra/tenantra/tables"
)

// carve is one file that was sent to the server.
type carve struct {
	Time      int64  `col:"time" doc:"When it was asked for, in Unix seconds."`
	SHA256    string `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest of the archive."`
	Size      int64  `col:"size" doc:"Bytes of the archive."`
	Path      string `col:"path" opt:"additional" doc:"Files that were asked for."`
	Status    string `col:"status" doc:"How far it is."`
	GUID      string `col:"carve_guid" opt:"index" collate:"NOCASE" doc:"Identifier of the carve."`
	RequestID string `col:"request_id" doc:"Identifier of the query that asked."`
	Carve     int32  `col:"carve" opt:"additional" doc:"1 to ask for a carve."`
}

// Carves is empty: the agent sends no files, rows are all that leaves an endpoint (docs/decisions/0022). A statement that asks
// for a carve, as osquery's do by carve = 1, is told so instead of finding no carve.
var Carves = tables.Define[carve](tables.Spec{
	Name: "carves", Doc: "Files that were sent to the server as a whole; this agent sends none.",
	Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT path, status FROM carves"},
}, generateCarves)

func generateCarves(_ context.Context, _ tables.Host, q *tables.Query, _ func(*carve) error) error {
	if values, _ := q.EqualInt("carve"); len(values) == 1 && values[0] == 1 {
		return errNoCarving
	}
	return nil
}

// errNoCarving is for statements that would have osquery send files.
var errNoCarving = errors.New("this agent sends no files: rows are all that leaves an endpoint")
