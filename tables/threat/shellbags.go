package threat

import "github.com/tenantra/tenantra/tables"

// shellbag is one folder that a user saw.
type shellbag struct {
	SID          string `col:"sid" class:"personal" doc:"Security identifier of the user."`
	Source       string `col:"source" doc:"Key that it was found in: ntuser.dat or usrclass.dat."`
	Path         string `col:"path" class:"content" doc:"Path of the folder."`
	ModifiedTime int64  `col:"modified_time" doc:"When the folder changed last, in Unix seconds."`
	CreatedTime  int64  `col:"created_time" doc:"When the folder was made, in Unix seconds."`
	AccessedTime int64  `col:"accessed_time" doc:"When the folder was read last, in Unix seconds."`
	MFTEntry     int64  `col:"mft_entry" doc:"Number of the folder in the master file table."`
	MFTSequence  int32  `col:"mft_sequence" doc:"How often that number was used."`
}

// Shellbags has a row for each folder that a user's settings remember.
// Source: Shell\BagMRU in HKEY_USERS.
var Shellbags = tables.DefineByPlatform(tables.Spec{
	Name: "shellbags", Doc: "Folders that users opened in the Explorer.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT sid, path, datetime(modified_time, 'unixepoch') FROM shellbags"},
}, tables.Generators[shellbag]{})
