package frameworks

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/tables"
)

//go:embed checks fixes catalogues mappings templates
var embedded embed.FS

// Embedded holds the product's own files: checks/<platform>/<check>.yaml, templates/<family>.yaml, fixes/<fix>.yaml,
// catalogues/<framework>.csv, mappings/<from>--<to>.csv.
func Embedded() fs.FS { return embedded }

// Library is a set of checks with the fixes and frameworks that they name. It is not changed after Load and safe for
// concurrent use.
type Library struct {
	checks     map[string]*Check
	fixes      map[string]*Fix
	frameworks map[string]*Framework
	templates  map[string]*Template
	mappings   map[string]*Mapping
	serving    map[string]map[string][]*Check // checks by framework and control, sorted by id
}

// Check gives a check by its id, or nil.
func (l *Library) Check(id string) *Check { return l.checks[id] }

// Fix gives a fix by its id, or nil.
func (l *Library) Fix(id string) *Fix { return l.fixes[id] }

// Framework gives a framework by its id, or nil.
func (l *Library) Framework(id string) *Framework { return l.frameworks[id] }

// Checks gives all checks, sorted by id.
func (l *Library) Checks() []*Check { return sorted(l.checks) }

// Mappings gives all mappings, sorted by id.
func (l *Library) Mappings() []*Mapping { return sorted(l.mappings) }

// Templates gives the families of checks, sorted by id.
func (l *Library) Templates() []*Template { return sorted(l.templates) }

// Frameworks gives all frameworks, sorted by id.
func (l *Library) Frameworks() []*Framework { return sorted(l.frameworks) }

func sorted[V any](m map[string]V) []V {
	values := make([]V, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}

// Load reads all files below checks, templates, fixes and catalogues, laid out as in Embedded. Its error joins every
// mistake of every file; where there is one, there is no library.
func Load(files fs.FS, compilers queries.Compilers) (*Library, error) {
	return load(files, compilers, tables.AllPlatforms)
}

// LoadFor is Load with the checks of one platform alone.
func LoadFor(files fs.FS, platform tables.Platforms, compiler queries.Compiler) (*Library, error) {
	return load(files, queries.Compilers{platform: compiler}, platform)
}

func load(files fs.FS, compilers queries.Compilers, wanted tables.Platforms) (*Library, error) {
	l := &Library{
		checks: map[string]*Check{}, fixes: map[string]*Fix{}, frameworks: map[string]*Framework{}, templates: map[string]*Template{},
		mappings: map[string]*Mapping{}, serving: map[string]map[string][]*Check{},
	}
	err := errors.Join(
		read(files, "mappings", l.mappings, func(file string, text []byte) (string, *Mapping, error) {
			m, err := ParseMapping(file, text)
			if err != nil {
				return "", nil, err
			}
			return m.ID(), m, nil
		}),
		read(files, "catalogues", l.frameworks, func(file string, text []byte) (string, *Framework, error) {
			f, err := ParseFramework(file, text)
			if err != nil {
				return "", nil, err
			}
			return f.ID, f, nil
		}),
		read(files, "fixes", l.fixes, func(file string, text []byte) (string, *Fix, error) {
			f, err := ParseFix(file, text)
			if err != nil {
				return "", nil, err
			}
			return f.ID, f, nil
		}),
		read(files, "checks", l.checks, func(file string, text []byte) (string, *Check, error) {
			var f checkFile
			d, err := document.Decode(file, text, &f)
			if err != nil {
				return "", nil, err
			}
			c, err := newCheck(d, f, compilers, wanted)
			return f.Check, c, err
		}),
		read(files, "templates", l.templates, func(file string, text []byte) (string, *Template, error) {
			t, err := parseTemplate(file, text, compilers, wanted)
			if err != nil {
				return "", nil, err
			}
			return t.ID, t, l.addFamily(t)
		}),
	)
	if err != nil {
		return nil, err // what a check names may be in a file with a mistake
	}
	maps.DeleteFunc(l.checks, func(_ string, c *Check) bool { return c == nil }) // of other platforms
	var mistakes []error
	for _, m := range l.Mappings() {
		mistakes = append(mistakes, m.check(l))
	}
	for _, c := range l.Checks() {
		mistakes = append(mistakes, l.resolve(c))
		l.index(c)
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return l, nil
}

// index notes which controls a check serves, by what it says and by mappings.
func (l *Library) index(c *Check) {
	c.Derived = map[string]Basis{}
	controls := maps.Clone(c.Controls)
	if controls == nil {
		controls = map[string][]string{}
	}
	for _, m := range l.Mappings() {
		if _, named := c.Controls[m.To]; named {
			continue
		}
		if served := m.Of(c.Controls[m.From]); len(served) > 0 {
			controls[m.To], c.Derived[m.To] = served, m.Basis
		}
	}
	c.Controls = controls
	for framework, ids := range controls {
		if l.serving[framework] == nil {
			l.serving[framework] = map[string][]*Check{}
		}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			l.serving[framework][id] = append(l.serving[framework][id], c)
		}
	}
}

// addFamily takes in the checks and fixes of a template.
func (l *Library) addFamily(t *Template) error {
	var mistakes []error
	for _, c := range t.Checks {
		if l.checks[c.ID] != nil {
			mistakes = append(mistakes, c.at.ErrorAt("there is another check of this name", "check"))
		}
		l.checks[c.ID] = c
	}
	for _, f := range t.Fixes {
		if l.fixes[f.ID] != nil {
			mistakes = append(mistakes, f.at.ErrorAt("there is another fix of this name", "check"))
		}
		l.fixes[f.ID] = f
	}
	return errors.Join(mistakes...)
}

// resolve checks the names that a check gives of other files.
func (l *Library) resolve(c *Check) error {
	var mistakes []error
	if c.Fix != "" {
		if fix := l.fixes[c.Fix]; fix == nil {
			mistakes = append(mistakes, c.at.ErrorAt(fmt.Sprintf("there is no fix %s", c.Fix), "fix"))
		} else if _, err := fix.For(c); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Controls)) {
		framework := l.frameworks[name]
		if framework == nil {
			mistakes = append(mistakes, c.at.ErrorAt(fmt.Sprintf("there is no framework %s; there are %s", name,
				strings.Join(slices.Sorted(maps.Keys(l.frameworks)), ", ")), "controls", ":"+name))
			continue
		}
		for i, id := range c.Controls[name] {
			if framework.Control(id) == nil {
				mistakes = append(mistakes, c.at.ErrorAt(fmt.Sprintf("%s has no control %s", name, id), "controls", name, strconv.Itoa(i)))
			}
		}
	}
	return errors.Join(mistakes...)
}

// read parses every file below a directory. The name inside a file is the file's own name.
func read[V any](files fs.FS, dir string, into map[string]V, parse func(file string, text []byte) (string, V, error)) error {
	var mistakes []error
	err := fs.WalkDir(files, dir, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && file == dir {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".csv"}, path.Ext(file)) {
			return err
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		id, value, err := parse(file, text)
		if err == nil && id+path.Ext(file) != path.Base(file) {
			err = &document.Error{File: file, Line: 1, Column: 1, Message: fmt.Sprintf("the file is to be named %s%s", id, path.Ext(file))}
		}
		if _, twice := into[id]; err == nil && twice {
			err = &document.Error{File: file, Line: 1, Column: 1, Message: fmt.Sprintf("%s exists in another folder", id)}
		}
		if err != nil {
			mistakes = append(mistakes, err)
			return nil
		}
		into[id] = value
		return nil
	})
	return errors.Join(append(mistakes, err)...)
}
