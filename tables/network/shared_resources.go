package network

import "github.com/tenantra/tenantra/tables"

// sharedResource is one share.
type sharedResource struct {
	Description    string `col:"description" doc:"Remark of the share."`
	InstallDate    string `col:"install_date" doc:"When it was made; empty, since Windows does not tell."`
	Status         string `col:"status" doc:"State; OK."`
	AllowMaximum   int32  `col:"allow_maximum" doc:"1 where the number of users is not limited."`
	MaximumAllowed int64  `col:"maximum_allowed" doc:"Users that may connect at once; 4294967295 where there is no limit."`
	Name           string `col:"name" doc:"Name of the share."`
	Path           string `col:"path" doc:"Local path."`
	Type           int64  `col:"type" doc:"Kind by its number."`
	TypeName       string `col:"type_name" doc:"Kind: Disk Drive, Print Queue, Device, IPC, with Admin where Windows made it."`
}

// SharedResources has a row for each share.
// Source: LanmanServer\Shares in the registry, and NetShareEnum for those that Windows makes itself.
var SharedResources = tables.DefineByPlatform(tables.Spec{
	Name: "shared_resources", Doc: "Shared folders, printers and pipes.",
	Category: tables.Network, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT name, path, type_name FROM shared_resources WHERE name NOT LIKE '%$'"},
}, tables.Generators[sharedResource]{})
