package files

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Authenticode,
	ExtendedAttributes,
	File,
	FileLines,
	Hash,
	MDFind,
	MDLS,
	Mounts,
	NTFSACLPermissions,
	PropertyList,
	QuicklookCache,
	SUIDBin,
	WindowsSearch,
}
