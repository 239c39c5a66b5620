package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
)

// sharedFolder is one folder that is shared with other machines.
type sharedFolder struct {
	Name string `col:"name" doc:"Name under which it is shared."`
	Path string `col:"path" doc:"Directory."`
}

// SharedFolders has a row for each folder.
// Source: the share points of the local directory, or dscl(1).
var SharedFolders = tables.Define[sharedFolder](tables.Spec{
	Name: "shared_folders", Doc: "Folders that the machine shares.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, path FROM shared_folders"},
}, generateSharedFolders)

func generateSharedFolders(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*sharedFolder) error) error {
	for _, record := range accounts.Directory(ctx, host, "sharepoints") {
		row := sharedFolder{Name: record.Text("smb_name"), Path: record.Text("directory_path")}
		if row.Name == "" {
			row.Name = record.Text("name")
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
