package files

import "github.com/tenantra/tenantra/tables"

// fileLine is one line of a text file.
type fileLine struct {
	Path       string `col:"path" opt:"required,index" doc:"Absolute path of the file."`
	Directory  string `col:"directory" opt:"required,hidden" doc:"Directory that holds the file."`
	LineNumber int64  `col:"line_number" doc:"Number of the line, from 1."`
	Line       string `col:"line" class:"content" doc:"Text of the line without its end, cut after 64 KiB."`
}

// FileLines has a row for each line of the files that a statement names by path, directory or pattern (see File).
var FileLines = tables.Define[fileLine](tables.Spec{
	Name: "file_lines", Doc: "Lines of text files named by path or by a pattern on the path.",
	Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT path, line_number, line FROM file_lines WHERE path LIKE '/etc/security/limits.d/%' AND line LIKE '%core%'"},
}, generateFileLines)
