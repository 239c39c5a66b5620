package files

import "github.com/tenantra/tenantra/tables"

// windowsSearchResult is one entry of the search index.
type windowsSearchResult struct {
	Name                 string `col:"name" doc:"Name of the entry."`
	Path                 string `col:"path" class:"content" doc:"Path of the entry."`
	Size                 int64  `col:"size" doc:"Size in bytes."`
	DateCreated          int32  `col:"date_created" doc:"When it was made, in Unix seconds."`
	DateModified         int32  `col:"date_modified" doc:"When it changed last, in Unix seconds."`
	Owner                string `col:"owner" class:"personal" doc:"Owner of the entry."`
	Type                 string `col:"type" doc:"Kind of entry."`
	Properties           string `col:"properties" class:"content" doc:"Further properties as JSON."`
	Query                string `col:"query" opt:"additional,hidden" doc:"Query in the language of Windows Search."`
	Sort                 string `col:"sort" opt:"additional,hidden" doc:"Column to sort by."`
	MaxResults           int32  `col:"max_results" opt:"additional,hidden" doc:"Most entries wanted."`
	AdditionalProperties string `col:"additional_properties" opt:"additional,hidden" doc:"Further properties wanted, joined by commas."`
}

// WindowsSearch has a row for each entry that a statement's query selects.
// Source: the provider Search.CollatorDSO.
var WindowsSearch = tables.DefineByPlatform(tables.Spec{
	Name: "windows_search", Doc: "Entries of the index of Windows Search.",
	Category: tables.Files, Platforms: tables.Windows, Cost: tables.Expensive,
	Examples: []string{"SELECT name, path, size FROM windows_search WHERE query = 'name:invoice'"},
}, tables.Generators[windowsSearchResult]{})
