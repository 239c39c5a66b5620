package files

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Augeas,
	Authenticode,
	Carves,
	DeviceFile,
	DeviceHash,
	DevicePartitions,
	ExtendedAttributes,
	File,
	FileLines,
	Grep,
	Hash,
	LibraryInventory,
	Magic,
	MDFind,
	MDLS,
	Mounts,
	NTFSACLPermissions,
	PropertyList,
	QuicklookCache,
	CodeSignature,
	SUIDBin,
	WindowsSearch,
	WorldWritable,
}
