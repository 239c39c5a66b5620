package software

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// bomFile is one file that a package brought.
type bomFile struct {
	Filepath     string `col:"filepath" doc:"Path relative to where the package was installed."`
	UID          int64  `col:"uid" type:"INTEGER" doc:"Owner."`
	GID          int64  `col:"gid" type:"INTEGER" doc:"Group."`
	Mode         int64  `col:"mode" type:"INTEGER" doc:"Type and permissions, as in st_mode."`
	Size         int64  `col:"size" doc:"Bytes."`
	ModifiedTime int64  `col:"modified_time" type:"INTEGER" doc:"Last change in Unix seconds."`
	Path         string `col:"path" opt:"required" doc:"Bill of materials."`
}

// PackageBOM has a row for each file in the bills of materials that a statement names.
// Source: *.bom beside the receipts; the format is that of bom(5).
var PackageBOM = tables.Define[bomFile](tables.Spec{
	Name: "package_bom", Doc: "Files that packages of the system's installer brought, from their bills of materials.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT b.filepath, b.mode FROM package_receipts r JOIN package_bom b ON b.path = replace(r.path, '.plist', '.bom') WHERE r.package_id = 'com.example.pkg'"},
}, generatePackageBOM)

func generatePackageBOM(ctx context.Context, host tables.Host, q *tables.Query, emit func(*bomFile) error) error {
	for _, name := range q.Equal("path") {
		data, ok := hostfile.OneOfMany(ctx, host, name)
		if !ok {
			continue
		}
		var stop error // of emit, which is no fault of the file
		err := readBOM(data, func(row *bomFile) error {
			row.Path = name
			stop = emit(row)
			return stop
		})
		if stop != nil {
			return stop
		}
		if err != nil {
			hostfile.Skipped(ctx, host, name, err)
		}
	}
	return ctx.Err()
}
