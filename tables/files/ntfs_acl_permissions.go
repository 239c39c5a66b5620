package files

import "github.com/tenantra/tenantra/tables"

// ntfsPermission is one entry of an access control list.
type ntfsPermission struct {
	Path          string              `col:"path" opt:"required,index" doc:"Absolute path of the file."`
	Type          string              `col:"type" doc:"Granted, Denied or Audit and the like."`
	Principal     string              `col:"principal" class:"personal" doc:"Who it is about: an account, or its security identifier where it has no name."`
	Access        string              `col:"access" doc:"Rights, joined by commas."`
	InheritedFrom tables.Null[string] `col:"inherited_from" doc:"Directory that it is inherited from."`
}

// NTFSACLPermissions has a row for each entry of the discretionary list of each file that a statement names.
// Source: GetNamedSecurityInfo.
var NTFSACLPermissions = tables.Define[ntfsPermission](tables.Spec{
	Name: "ntfs_acl_permissions", Doc: "Who may do what with files named by path.",
	Category: tables.Files, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT principal, type, access FROM ntfs_acl_permissions WHERE path = 'C:\\Windows'"},
}, generateNTFSACLPermissions)
