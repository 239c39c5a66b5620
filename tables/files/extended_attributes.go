package files

import "github.com/tenantra/tenantra/tables"

// extendedAttribute is one attribute of a file beyond those that all files have.
type extendedAttribute struct {
	Path      string `col:"path" opt:"required" doc:"Absolute path of the file."`
	Directory string `col:"directory" opt:"required" doc:"Directory that holds the file."`
	Key       string `col:"key" doc:"Name of the attribute: security.capability, user.comment."`
	Value     string `col:"value" class:"content" doc:"Value; the rights of security.capability by their names."`
	Base64    int32  `col:"base64" doc:"1 where the value is no text and is shown in base64."`
}

// ExtendedAttributes has a row for each attribute of each file that a statement names by path, directory or pattern (see
// File). A link stands for what it leads to.
// Source: listxattr(2), getxattr(2) and capabilities(7) on Linux.
var ExtendedAttributes = tables.Define[extendedAttribute](tables.Spec{
	Name: "extended_attributes", Doc: "Extended attributes of files, among them the rights that a program gets when it is started.",
	Category: tables.Files, Platforms: tables.Linux | tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT path, value FROM extended_attributes WHERE directory = '/usr/bin' AND key = 'security.capability'"},
}, generateExtendedAttributes)
