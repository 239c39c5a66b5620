package software

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// jetbrainsPlugin is one plugin of a JetBrains editor.
type jetbrainsPlugin struct {
	ProductType string `col:"product_type" doc:"Editor: intellij_idea, pycharm, goland, webstorm and so on."`
	UID         int64  `col:"uid" opt:"index" doc:"User who installed it."`
	Name        string `col:"name" doc:"Name of the plugin."`
	Version     string `col:"version" collate:"VERSION" doc:"Version of the plugin."`
	Vendor      string `col:"vendor" doc:"Who made it."`
	Path        string `col:"path" doc:"Archive, or directory of archives, of the plugin."`
}

// JetBrainsPlugins has a row for each plugin that a user installed. Archives above 10 MiB are not opened: a plugin whose own
// description lies in such a one has no row.
// Source: META-INF/plugin.xml in the archives below the editors' directories of plugins.
var JetBrainsPlugins = tables.DefineByPlatform(tables.Spec{
	Name: "jetbrains_plugins", Doc: "Plugins of JetBrains editors, by user.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, p.product_type, p.name, p.version FROM users u JOIN jetbrains_plugins p USING (uid)"},
}, tables.Generators[jetbrainsPlugin]{
	Linux:   jetbrainsPluginsBelow(".local/share/JetBrains", ""),
	Darwin:  jetbrainsPluginsBelow("Library/Application Support/JetBrains", "plugins"),
	Windows: jetbrainsPluginsBelow("AppData/Roaming/JetBrains", "plugins"),
})

// jetbrainsProducts are the editors by the start of their directories' names, longer ones first.
var jetbrainsProducts = [...]struct{ directory, product string }{
	{"PyCharmCE", "pycharm_community_edition"}, {"PyCharm", "pycharm"}, {"IntelliJIdea", "intellij_idea"},
	{"IdeaIC", "intellij_idea_community_edition"}, {"CLion", "clion"}, {"DataGrip", "datagrip"}, {"GoLand", "goland"}, {"PhpStorm", "phpstorm"},
	{"ReSharper", "resharper"}, {"Rider", "rider"}, {"RubyMine", "rubymine"}, {"RustRover", "rust_rov"}, {"WebStorm", "webstorm"},
}

func jetbrainsProduct(directory string) (string, bool) {
	for _, p := range jetbrainsProducts {
		if strings.HasPrefix(directory, p.directory) {
			return p.product, true
		}
	}
	return "", false
}

// jetbrainsPluginsBelow searches base/EDITOR/plugins, and also base/EDITOR itself where sub is empty: on Linux editors keep
// plugins right there since 2020.1, while osquery looks one level deeper.
func jetbrainsPluginsBelow(base, sub string) tables.Generator[jetbrainsPlugin] {
	return func(ctx context.Context, host tables.Host, q *tables.Query, emit func(*jetbrainsPlugin) error) error {
		return homes.Each(ctx, host, q, func(home *homes.Home) error {
			for _, editor := range home.Directories(base) {
				product, ok := jetbrainsProduct(editor)
				if !ok {
					continue
				}
				directories := []string{path.Join(base, editor, "plugins")}
				if sub == "" {
					directories = append(directories, path.Join(base, editor))
				}
				for _, dir := range directories {
					if err := jetbrainsPluginsIn(ctx, host, home, dir, func(row *jetbrainsPlugin) error {
						row.ProductType, row.UID = product, int64(home.User.UID)
						return emit(row)
					}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
}

func jetbrainsPluginsIn(ctx context.Context, host tables.Host, home *homes.Home, dir string, emit func(*jetbrainsPlugin) error) error {
	for _, entry := range home.List(dir) {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := path.Join(dir, entry.Name())
		archives := []string{name}
		if entry.IsDir() {
			archives = jetbrainsArchives(home, name)
		} else if path.Ext(name) != ".jar" {
			continue
		}
		for _, archive := range archives {
			data, ok := home.Read(archive)
			if !ok {
				continue
			}
			text, err := zipEntry(data, "META-INF/plugin.xml")
			if err != nil {
				hostfile.Skipped(ctx, host, home.Path(archive), err)
				continue
			}
			row, ok := parseJetBrainsPlugin(text)
			if !ok {
				continue
			}
			row.Path = home.Path(name)
			if err := emit(&row); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// jetbrainsArchivesMax bounds how many archives of one plugin are opened to find its description.
const jetbrainsArchivesMax = 64

// jetbrainsArchives lists the archives of a plugin's directory, the one that most likely describes it first: named like the
// directory, then the shorter name.
func jetbrainsArchives(home *homes.Home, dir string) []string {
	var names []string
	for _, entry := range home.List(path.Join(dir, "lib")) {
		if !entry.IsDir() && path.Ext(entry.Name()) == ".jar" {
			names = append(names, entry.Name())
		}
	}
	own := strings.ToLower(path.Base(dir))
	slices.SortFunc(names, func(a, b string) int {
		aOwn, bOwn := strings.HasPrefix(strings.ToLower(a), own), strings.HasPrefix(strings.ToLower(b), own)
		if aOwn != bOwn {
			if aOwn {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	names = names[:min(len(names), jetbrainsArchivesMax)]
	for i, name := range names {
		names[i] = path.Join(dir, "lib", name)
	}
	return names
}

const (
	zipDirectoryMax = 2 << 20 // bytes of an archive's list of files
	zipEntryMax     = 1 << 20 // bytes of an unpacked file
)

var errZip = errors.New("not an archive of ordinary size")

// zipEntry unpacks one file of a zip archive. The library makes an object for each name in the archive's list before anything
// can be asked, so a list that is larger than that of any plugin is refused first.
func zipEntry(data []byte, name string) ([]byte, error) {
	const endSize, sizeAt, offsetAt = 22, 12, 16 // of the record that ends the list
	at := bytes.LastIndex(data, []byte("PK\x05\x06"))
	if at < 0 || at+endSize > len(data) {
		return nil, errZip
	}
	size, offset := int64(binary.LittleEndian.Uint32(data[at+sizeAt:])), int64(binary.LittleEndian.Uint32(data[at+offsetAt:]))
	if size > zipDirectoryMax || offset > int64(at) || int64(at)-offset > zipDirectoryMax {
		return nil, errZip
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	f, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, zipEntryMax+1))
	if err != nil {
		return nil, err
	}
	if len(text) > zipEntryMax {
		return nil, fmt.Errorf("%s: larger than %d MiB", name, zipEntryMax>>20)
	}
	return text, nil
}

// parseJetBrainsPlugin reads the name, version and vendor right below the root of a plugin.xml. It does so token by token, for
// the rest of the file may be of any shape.
func parseJetBrainsPlugin(text []byte) (row jetbrainsPlugin, ok bool) {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.Strict = false
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // names are ASCII or UTF-8
	depth := 0
	var into *string
	for {
		token, err := decoder.RawToken()
		if err != nil {
			break // the end, or what is broken after the names
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			into = nil
			if depth == 2 {
				into = map[string]*string{"name": &row.Name, "version": &row.Version, "vendor": &row.Vendor}[t.Name.Local]
			}
		case xml.EndElement:
			depth--
			into = nil
		case xml.CharData:
			if into != nil && *into == "" {
				*into = strings.TrimSpace(string(t))
			}
		}
	}
	return row, row.Name != ""
}
