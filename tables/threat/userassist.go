package threat

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// userassistEntry is one program that a user started.
type userassistEntry struct {
	Path              string `col:"path" doc:"Program."`
	LastExecutionTime int64  `col:"last_execution_time" doc:"When it was started last, in Unix seconds."`
	Count             int32  `col:"count" doc:"How often it was started."`
	SID               string `col:"sid" class:"personal" doc:"Security identifier of the user."`
}

// Userassist has a row for each program and user.
// Source: Explorer\UserAssist in HKEY_USERS.
var Userassist = tables.Define[userassistEntry](tables.Spec{
	Name: "userassist", Doc: "Programs that users started from the desktop.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT path, count, datetime(last_execution_time, 'unixepoch') FROM userassist"},
}, generateUserassist)

const userAssist = `Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist`

func generateUserassist(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*userassistEntry) error) error {
	return eachUser(ctx, host, func(sid string, user *registry.Key) error {
		return user.Open(userAssist).Keys(func(group *registry.Key) error {
			for _, v := range group.Open("Count").Values() {
				row, ok := parseUserAssist(v.Name, v.Data)
				if !ok {
					continue
				}
				row.SID = sid
				if err := emit(&row); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// parseUserAssist reads one value: its name is the program in ROT13, its data holds 72 bytes since Windows 7, before that
// 16. Names that start with UEME_ count the group's own events.
func parseUserAssist(name string, data []byte) (userassistEntry, bool) {
	row := userassistEntry{Path: rot13(name)}
	if strings.HasPrefix(row.Path, "UEME_CTL") {
		return row, false
	}
	var last uint64
	switch {
	case len(data) >= 72:
		row.Count, last = int32(binary.LittleEndian.Uint32(data[4:])), binary.LittleEndian.Uint64(data[60:])
	case len(data) >= 16:
		row.Count, last = int32(binary.LittleEndian.Uint32(data[4:])), binary.LittleEndian.Uint64(data[8:])
	default:
		return row, false
	}
	row.LastExecutionTime = unixOf(registry.FileTime(last))
	return row, true
}

func rot13(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		default:
			return r
		}
	}, text)
}
