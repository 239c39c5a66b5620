package threat

import "github.com/tenantra/tenantra/tables"

// FileEvent is one change of a watched file.
type FileEvent struct {
	TargetPath    string             `col:"target_path" doc:"File that changed."`
	Category      string             `col:"category" doc:"Group of paths in the configuration that it belongs to."`
	Action        string             `col:"action" doc:"CREATED, UPDATED, DELETED, MOVED_FROM, MOVED_TO, ATTRIBUTES_MODIFIED, OPENED, ACCESSED."`
	TransactionID int64              `col:"transaction_id" doc:"Number that the two events of a renaming share."`
	Inode         int64              `col:"inode" doc:"Inode number."`
	UID           int64              `col:"uid" doc:"Owner's user number."`
	GID           int64              `col:"gid" doc:"Owner's group number."`
	Mode          string             `col:"mode" doc:"Permissions in octal."`
	Size          int64              `col:"size" doc:"Bytes of the file."`
	ATime         tables.Null[int64] `col:"atime" doc:"Last reading, in Unix seconds."`
	MTime         tables.Null[int64] `col:"mtime" doc:"Last change, in Unix seconds."`
	CTime         tables.Null[int64] `col:"ctime" doc:"Last change of its state, in Unix seconds."`
	MD5           string             `col:"md5" collate:"NOCASE" doc:"MD5 digest after the change."`
	SHA1          string             `col:"sha1" collate:"NOCASE" doc:"SHA-1 digest after the change."`
	SHA256        string             `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest after the change."`
	Hashed        int32              `col:"hashed" doc:"1 where the digests are there, 0 where none is wanted, -1 where it could not be read."`
	Time          int64              `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	EID           string             `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// FileEvents has a row for each change of a configured path while the agent watched.
var FileEvents = tables.DefineByPlatform(tables.Spec{
	Name: "file_events", Doc: "Changes of watched files.",
	Category: tables.Threat, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Event: true,
	Examples: []string{"SELECT target_path, action, sha256 FROM file_events WHERE category = 'etc'"},
}, recorded("file_events", func(r *FileEvent, id string) { r.EID = id }))
