package software

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// npmPackage is one installed package of Node.
type npmPackage struct {
	Name        string `col:"name" doc:"Name of the package, with its scope."`
	Version     string `col:"version" collate:"VERSION" doc:"Version of the package."`
	Description string `col:"description" doc:"What it is, in one line."`
	Author      string `col:"author" doc:"Author of the package."`
	License     string `col:"license" doc:"Licence of the package, or the address of its text."`
	Homepage    string `col:"homepage" doc:"Address of the package's site."`
	Path        string `col:"path" doc:"Path of its package.json."`
	Directory   string `col:"directory" opt:"index" doc:"Directory whose node_modules the search began in."`
	Depth       int32  `col:"depth" doc:"Number of packages that it lies in."`
	MaxDepth    int32  `col:"max_depth" opt:"additional,hidden" doc:"Deepest level that was searched; 100 where a statement names none."`
	container.Mount
}

// NPMPackages has a row for each package in the directories of the system and of users' global installs, or in those
// that a statement names, and for the packages inside them. A link to a package is listed but not searched.
// Source: package.json(5) of npm.
var NPMPackages = tables.DefineByPlatform(tables.Spec{
	Name: "npm_packages", Doc: "Packages of Node, of the system and of users.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT name, version, path FROM npm_packages WHERE name IN ('event-stream', 'ua-parser-js')",
		"SELECT name, version FROM npm_packages WHERE directory = '/opt/app' AND max_depth = 0",
	},
}, tables.Generators[npmPackage]{Linux: generateNPMPackages, Darwin: generateNPMPackages, Windows: generateNPMPackages})

// npmDepth is how deep packages in packages are searched; npm's own limits on names allow for no more.
const npmDepth = 100

// npmTree is a place that packages are installed in: the scanned machine, or one user's home.
type npmTree struct {
	list  func(dir string) []fs.DirEntry
	read  func(file string) ([]byte, bool)
	shown func(name string) string // as rows show it
}

// search emits what lies in a directory's node_modules.
func (t *npmTree) search(dir string, row npmPackage, emit func(*npmPackage) error) error {
	modules := path.Join(dir, "node_modules")
	for _, entry := range t.list(modules) {
		name := entry.Name()
		if !mayHoldPackage(entry) {
			continue
		}
		if !strings.HasPrefix(name, "@") {
			if err := t.visit(path.Join(modules, name), entry, row, emit); err != nil {
				return err
			}
			continue
		}
		if !entry.IsDir() {
			continue // a linked scope could hold this directory again
		}
		for _, scoped := range t.list(path.Join(modules, name)) {
			if !mayHoldPackage(scoped) {
				continue
			}
			if err := t.visit(path.Join(modules, name, scoped.Name()), scoped, row, emit); err != nil {
				return err
			}
		}
	}
	return nil
}

func mayHoldPackage(entry fs.DirEntry) bool {
	return (entry.IsDir() || entry.Type()&fs.ModeSymlink != 0) && !strings.HasPrefix(entry.Name(), ".")
}

// visit emits a package and what lies in it. Directories without a manifest are none, whatever they hold.
func (t *npmTree) visit(dir string, entry fs.DirEntry, row npmPackage, emit func(*npmPackage) error) error {
	file := path.Join(dir, "package.json")
	data, ok := t.read(file)
	if !ok {
		return nil
	}
	if found, ok := parseNPMManifest(data); ok {
		found.Path, found.Directory, found.Depth, found.MaxDepth = t.shown(file), row.Directory, row.Depth, row.MaxDepth
		if err := emit(&found); err != nil {
			return err
		}
	}
	deepest := row.MaxDepth
	if deepest < 0 || deepest > npmDepth {
		deepest = npmDepth
	}
	if !entry.IsDir() || row.Depth >= deepest || !t.nests(dir) {
		return nil
	}
	row.Depth++
	return t.search(dir, row, emit)
}

// nests tells whether packages lie in a package. A link in their place could lead back up, and be followed at each level.
func (t *npmTree) nests(dir string) bool {
	return slices.ContainsFunc(t.list(dir), func(entry fs.DirEntry) bool { return entry.Name() == "node_modules" && entry.IsDir() })
}

// parseNPMManifest reads a package.json. Author and licence are a text or, in old packages, an object.
func parseNPMManifest(data []byte) (row npmPackage, ok bool) {
	var m struct {
		Name, Version, Description, Homepage jsonText
		Author, License                      json.RawMessage
	}
	if !decodeJSON(data, &m) || m.Name == "" {
		return row, false
	}
	return npmPackage{
		Name: string(m.Name), Version: string(m.Version), Description: string(m.Description), Homepage: string(m.Homepage),
		Author: textOrMember(m.Author, "name"), License: textOrMember(m.License, "url"),
	}, true
}

// textOrMember gives a JSON text, or the text in a member of a JSON object; "" for anything else.
func textOrMember(data json.RawMessage, member string) string {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return text
	}
	var object map[string]jsonText
	if !decodeJSON(data, &object) {
		return ""
	}
	return string(object[member])
}
