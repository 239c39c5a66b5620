package files

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// digests is a file with its digests in lower-case hexadecimal.
type digests struct {
	Path      string `col:"path" opt:"required,index" doc:"Absolute path of the file."`
	Directory string `col:"directory" opt:"required" doc:"Directory that holds the file."`
	MD5       string `col:"md5" collate:"NOCASE" doc:"MD5 digest of the content."`
	SHA1      string `col:"sha1" collate:"NOCASE" doc:"SHA-1 digest of the content."`
	SHA256    string `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest of the content."`
	container.Mount
}

// Hash has a row for each regular file that a statement names by path, directory or pattern (see File). Only the digests
// that the statement uses are computed, in one read of the file. Files that cannot be read have no row.
var Hash = tables.Define[digests](tables.Spec{
	Name: "hash", Doc: "Digests of files named by path, by directory or by a pattern on the path.",
	Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT path, sha256 FROM hash WHERE path = '/etc/passwd'",
		"SELECT f.path, h.sha256 FROM file f JOIN hash h USING (path) WHERE f.directory = '/etc' AND f.mode LIKE '%4_'",
	},
}, generateHash)
