package threat

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// officeMRU is one document that was opened.
type officeMRU struct {
	Application    string `col:"application" doc:"Application that opened it."`
	Version        string `col:"version" collate:"VERSION" doc:"Version of Office."`
	Path           string `col:"path" class:"content" doc:"Document."`
	LastOpenedTime int64  `col:"last_opened_time" doc:"When it was opened last, in Unix seconds."`
	SID            string `col:"sid" class:"personal" doc:"Security identifier of the user."`
}

// OfficeMRU has a row for each document, application and user.
// Source: File MRU of each Office application in HKEY_USERS.
var OfficeMRU = tables.Define[officeMRU](tables.Spec{
	Name: "office_mru", Doc: "Documents that users opened in Microsoft Office.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT application, path, datetime(last_opened_time, 'unixepoch') FROM office_mru"},
}, generateOfficeMRU)

const office = `Software\Microsoft\Office`

func generateOfficeMRU(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*officeMRU) error) error {
	return eachUser(ctx, host, func(sid string, user *registry.Key) error {
		return user.Open(office).Keys(func(version *registry.Key) error {
			return version.Keys(func(application *registry.Key) error {
				lists := []*registry.Key{application.Open("File MRU")}
				// Since Office 2013 each account that is signed in has a list of its own.
				_ = application.Open("User MRU").Keys(func(account *registry.Key) error {
					lists = append(lists, account.Open("File MRU"))
					return nil
				})
				for _, list := range lists {
					for _, v := range list.Values() {
						row, ok := parseOfficeItem(v.Text())
						if !ok || !strings.HasPrefix(v.Name, "Item ") {
							continue
						}
						row.Application, row.Version, row.SID = application.Name(), version.Name(), sid
						if err := emit(&row); err != nil {
							return err
						}
					}
				}
				return ctx.Err()
			})
		})
	})
}

// parseOfficeItem reads [F00000000][T01D8A1B2C3D4E5F6][O00000000]*C:\path: after T the time in hexadecimal digits.
func parseOfficeItem(text string) (officeMRU, bool) {
	marks, path, ok := strings.Cut(text, "*")
	if !ok {
		return officeMRU{}, false
	}
	row := officeMRU{Path: path}
	_, after, _ := strings.Cut(marks, "[T")
	digits, _, _ := strings.Cut(after, "]")
	if steps, err := strconv.ParseUint(digits, 16, 64); err == nil {
		row.LastOpenedTime = unixOf(registry.FileTime(steps))
	}
	return row, true
}
