package packs

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
)

//go:embed default/*.yaml
var embedded embed.FS

// Embedded holds the product's own packs, one YAML file each.
func Embedded() fs.FS { return embedded }

// Load reads every pack of our own YAML below a file system's root, sorted by name. Its error joins every mistake of
// every file; where there is one, there are no packs.
func Load(files fs.FS, compilers queries.Compilers) ([]*Pack, error) {
	var packs []*Pack
	var mistakes []error
	err := fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		p, err := Parse(file, text, compilers)
		if err == nil && p.Name != strings.TrimSuffix(path.Base(file), ".yaml") {
			err = &document.Error{File: file, Line: 1, Column: 1, Message: fmt.Sprintf("the file is to be named %s.yaml", p.Name)}
		}
		if err != nil {
			mistakes = append(mistakes, err)
			return nil
		}
		packs = append(packs, p)
		return nil
	})
	if err := errors.Join(append(mistakes, err)...); err != nil {
		return nil, err
	}
	slices.SortFunc(packs, func(a, b *Pack) int { return strings.Compare(a.Name, b.Name) })
	return packs, nil
}
