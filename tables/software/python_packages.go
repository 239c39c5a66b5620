package software

import (
	"bytes"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

// pythonPackage is one installed distribution.
type pythonPackage struct {
	Name      string `col:"name" doc:"Name of the package."`
	UID       int64  `col:"uid" opt:"index" doc:"User in whose home it is installed; 0 for the system's."`
	Version   string `col:"version" collate:"VERSION" doc:"Version of the package."`
	Summary   string `col:"summary" doc:"What it is, in one line."`
	Author    string `col:"author" doc:"Author of the package."`
	License   string `col:"license" doc:"Licence of the package, its first line."`
	Path      string `col:"path" doc:"Directory or file of its metadata."`
	Directory string `col:"directory" opt:"index" doc:"Directory that packages are installed in."`
	container.Process
}

// PythonPackages has a row for each distribution in the usual directories of the system, in users' environments, and in
// directories that a statement names.
// Source: METADATA of .dist-info and PKG-INFO of .egg-info; core metadata of PyPA.
var PythonPackages = tables.DefineByPlatform(tables.Spec{
	Name: "python_packages", Doc: "Python packages, of the system and of users.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{
		"SELECT name, version, path FROM python_packages WHERE name = 'requests'",
		"SELECT name, version FROM python_packages WHERE directory = '/opt/app/lib/python3.11/site-packages'",
	},
}, tables.Generators[pythonPackage]{Linux: generatePythonPackages, Darwin: generatePythonPackages, Windows: generatePythonPackages})

// pythonSites are shell patterns of the system's directories, by system.
var pythonSites = map[tables.Platforms][]string{
	tables.Linux: pythonUnixSites[:], tables.Darwin: pythonUnixSites[:],
	tables.Windows: {
		`C:\Python*\Lib\site-packages`, `C:\Program Files\Python*\Lib\site-packages`, `C:\Program Files (x86)\Python*\Lib\site-packages`,
		`C:\ProgramData\*conda3\Lib\site-packages`,
	},
}

var pythonUnixSites = [...]string{
	"/usr/local/lib/python*/dist-packages", "/usr/local/lib/python*/site-packages", "/usr/local/lib64/python*/site-packages",
	"/opt/homebrew/lib/python*/dist-packages", "/opt/homebrew/lib/python*/site-packages",
	"/usr/lib/python*/dist-packages", "/usr/lib/python*/site-packages", "/usr/lib64/python*/site-packages",
	"/Library/Python/*/site-packages",
	"/opt/conda/lib/python*/dist-packages", "/opt/conda/lib/python*/site-packages",
	"/opt/miniconda3/lib/python*/site-packages", "/opt/anaconda3/lib/python*/site-packages",
}

// In homes, prefixes hold lib/pythonX.Y, and parents hold such prefixes: versions of Python, tools, environments.
var (
	pythonHomePrefixes = [...]string{".local", "miniforge3", "miniconda3", "anaconda3", "mambaforge"}
	pythonHomeParents  = [...]string{
		".pyenv/versions", ".asdf/installs/python", ".local/share/uv/tools", ".local/share/mise/installs/python",
		".local/share/pipx/venvs", ".local/pipx/venvs", ".cache/pypoetry/virtualenvs", "miniforge3/envs", "miniconda3/envs",
		"anaconda3/envs", "mambaforge/envs", ".virtualenvs", ".local/share/virtualenvs",
		"Library/Python", "Library/Caches/pypoetry/virtualenvs", "Library/Application Support/virtualenvs",
	}
)

// pythonHomeWindows are directories in homes on Windows, where a site lies below each version of Python.
var pythonHomeWindows = [...]struct{ dir, site string }{
	{"AppData/Local/Programs/Python", "Lib/site-packages"}, {"AppData/Roaming/Python", "site-packages"}, {"pipx/venvs", "Lib/site-packages"},
	{".pyenv/pyenv-win/versions", "Lib/site-packages"}, {"AppData/Roaming/uv/tools", "Lib/site-packages"},
}

// pythonMetadata gives the file that describes an entry of a site directory; "" for what is no package.
func pythonMetadata(name string, isDir bool) string {
	switch {
	case strings.HasSuffix(name, ".dist-info") && isDir:
		return name + "/METADATA"
	case strings.HasSuffix(name, ".egg-info") && isDir:
		return name + "/PKG-INFO"
	case strings.HasSuffix(name, ".egg-info"):
		return name
	}
	return ""
}

// parsePythonMetadata reads the header of core metadata; the description behind it is left alone.
func parsePythonMetadata(data []byte) (p pythonPackage, ok bool) {
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		var into *string
		switch string(name) {
		case "Name":
			into = &p.Name
		case "Version":
			into = &p.Version
		case "Summary":
			into = &p.Summary
		case "Author":
			into = &p.Author
		case "License":
			into = &p.License
		}
		if into != nil && *into == "" {
			*into = string(bytes.TrimSpace(value))
		}
	}
	return p, p.Name != ""
}
