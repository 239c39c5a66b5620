package threat

import (
	"context"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
	"github.com/tenantra/tenantra/tables/internal/shellitem"
)

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
var Shellbags = tables.Define[shellbag](tables.Spec{
	Name: "shellbags", Doc: "Folders that users opened in the Explorer.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT sid, path, datetime(modified_time, 'unixepoch') FROM shellbags"},
}, generateShellbags)

const (
	bagsOfUser    = `Software\Microsoft\Windows\Shell\BagMRU`
	bagsOfClasses = `Software\Classes\Local Settings\Software\Microsoft\Windows\Shell\BagMRU`
	bagDepth      = 64
)

func generateShellbags(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*shellbag) error) error {
	return eachUser(ctx, host, func(sid string, user *registry.Key) error {
		for _, source := range []struct{ name, key string }{{"ntuser.dat", bagsOfUser}, {"usrclass.dat", bagsOfClasses}} {
			if err := eachBag(ctx, user.Open(source.key), shellbag{SID: sid, Source: source.name}, bagDepth, emit); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachBag emits the folders of a key and those below: a value named by a number is a folder, the key of that name its own
// folders.
func eachBag(ctx context.Context, key *registry.Key, parent shellbag, depth int, emit func(*shellbag) error) error {
	for _, v := range key.Values() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := strconv.ParseUint(v.Name, 10, 32); err != nil {
			continue // their order
		}
		item, ok := shellitem.Parse(v.Data)
		if !ok {
			continue
		}
		row := shellbag{
			SID: parent.SID, Source: parent.Source, Path: item.Name, ModifiedTime: unixOf(item.Modified), CreatedTime: unixOf(item.Created),
			AccessedTime: unixOf(item.Accessed), MFTEntry: int64(item.Entry), MFTSequence: int32(item.Sequence),
		}
		if parent.Path != "" {
			row.Path = parent.Path + `\` + item.Name
		}
		if err := emit(&row); err != nil {
			return err
		}
		if depth == 0 {
			continue
		}
		if err := eachBag(ctx, key.Open(v.Name), row, depth-1, emit); err != nil {
			return err
		}
	}
	return nil
}
