package threat

import "github.com/tenantra/tenantra/tables"

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
var OfficeMRU = tables.DefineByPlatform(tables.Spec{
	Name: "office_mru", Doc: "Documents that users opened in Microsoft Office.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT application, path, datetime(last_opened_time, 'unixepoch') FROM office_mru"},
}, tables.Generators[officeMRU]{})
