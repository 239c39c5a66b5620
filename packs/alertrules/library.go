package alertrules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries/document"
)

//go:embed library/*.yaml
var embedded embed.FS

// Embedded holds the product's own rules, one YAML file each.
func Embedded() fs.FS { return embedded }

// Load reads every rule below a file system's root, sorted by id. Its error joins every mistake of every file; where
// there is one, there are no rules.
func Load(files fs.FS, compiler *Compiler, sources Sources) ([]*Rule, error) {
	var loaded []*Rule
	var mistakes []error
	err := fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		r, err := Parse(file, text, compiler, sources)
		if err == nil && r.ID != strings.TrimSuffix(path.Base(file), ".yaml") {
			err = &document.Error{File: file, Line: 1, Column: 1, Message: fmt.Sprintf("the file is to be named %s.yaml", r.ID)}
		}
		if err != nil {
			mistakes = append(mistakes, err)
			return nil
		}
		loaded = append(loaded, r)
		return nil
	})
	if err := errors.Join(append(mistakes, err)...); err != nil {
		return nil, err
	}
	slices.SortFunc(loaded, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return loaded, nil
}
