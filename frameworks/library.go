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

	"github.com/tenantra/tenantra/queries/document"
)

//go:embed checks fixes catalogues
var embedded embed.FS

// Embedded holds the product's own files: checks/<platform>/<check>.yaml, fixes/<fix>.yaml, catalogues/<framework>.yaml.
func Embedded() fs.FS { return embedded }

// Library is a set of checks with the fixes and frameworks that they name. It is not changed after Load and safe for
// concurrent use.
type Library struct {
	checks     map[string]*Check
	fixes      map[string]*Fix
	frameworks map[string]*Framework
}

// Check gives a check by its id, or nil.
func (l *Library) Check(id string) *Check { return l.checks[id] }

// Fix gives a fix by its id, or nil.
func (l *Library) Fix(id string) *Fix { return l.fixes[id] }

// Framework gives a framework by its id, or nil.
func (l *Library) Framework(id string) *Framework { return l.frameworks[id] }

// Checks gives all checks, sorted by id.
func (l *Library) Checks() []*Check { return sorted(l.checks) }

// Frameworks gives all frameworks, sorted by id.
func (l *Library) Frameworks() []*Framework { return sorted(l.frameworks) }

func sorted[V any](m map[string]V) []V {
	values := make([]V, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}

// Load reads all files below checks, fixes and catalogues, laid out as in Embedded. Its error joins every mistake of
// every file; where there is one, there is no library.
func Load(files fs.FS, compilers Compilers) (*Library, error) {
	l := &Library{checks: map[string]*Check{}, fixes: map[string]*Fix{}, frameworks: map[string]*Framework{}}
	named := errors.Join(
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
	)
	checks := read(files, "checks", l.checks, func(file string, text []byte) (string, *Check, error) {
		c, err := ParseCheck(file, text, compilers)
		if err != nil {
			return "", nil, err
		}
		if named == nil { // else what is missing here may be there, with a mistake
			err = l.resolve(c)
		}
		return c.ID, c, err
	})
	if err := errors.Join(named, checks); err != nil {
		return nil, err
	}
	return l, nil
}

// resolve checks the names that a check gives of other files.
func (l *Library) resolve(c *Check) error {
	var mistakes []error
	if c.Fix != "" {
		if fix := l.fixes[c.Fix]; fix == nil {
			mistakes = append(mistakes, c.doc.ErrorAt(fmt.Sprintf("there is no fix %s", c.Fix), "fix"))
		} else if _, err := fix.For(c); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Controls)) {
		framework := l.frameworks[name]
		if framework == nil {
			mistakes = append(mistakes, c.doc.ErrorAt(fmt.Sprintf("there is no framework %s; there are %s", name,
				strings.Join(slices.Sorted(maps.Keys(l.frameworks)), ", ")), "controls", ":"+name))
			continue
		}
		for i, id := range c.Controls[name] {
			if framework.Control(id) == nil {
				mistakes = append(mistakes, c.doc.ErrorAt(fmt.Sprintf("%s has no control %s", name, id), "controls", name, strconv.Itoa(i)))
			}
		}
	}
	return errors.Join(mistakes...)
}

// read parses every YAML file below a directory. The name inside a file is the file's own name.
func read[V any](files fs.FS, dir string, into map[string]V, parse func(file string, text []byte) (string, V, error)) error {
	var mistakes []error
	err := fs.WalkDir(files, dir, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && file == dir {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		id, value, err := parse(file, text)
		if err == nil && id != strings.TrimSuffix(path.Base(file), ".yaml") {
			err = &document.Error{File: file, Line: 1, Column: 1, Message: fmt.Sprintf("the file is to be named %s.yaml", id)}
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
