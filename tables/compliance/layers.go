package compliance

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// layered lists the files of directories that lie over one another, in the order of their names: one that is in a later
// directory hides one of the same name. A suffix of "" takes every file.
func layered(ctx context.Context, host tables.Host, suffix string, directories ...string) []string {
	byName := map[string]string{}
	for _, dir := range directories {
		for _, file := range hostfile.Files(ctx, host, dir) {
			if strings.HasSuffix(file, suffix) {
				byName[path.Base(file)] = file
			}
		}
	}
	files := make([]string, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		files = append(files, byName[name])
	}
	return files
}
