package files

import (
	"context"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
)

func generateGrep(ctx context.Context, host tables.Host, q *tables.Query, emit func(*grepLine) error) error {
	patterns := q.Equal("pattern")
	compiled, err := compileGrep(patterns)
	if err != nil {
		return err
	}
	return selectPaths(ctx, host, q, func(f *found) error {
		if f.listed && f.kind&^fs.ModeSymlink != 0 {
			return nil
		}
		number := int64(0)
		stopped, err := eachLine(ctx, host, f, func(line []byte) error {
			number++
			for i, expression := range compiled {
				if !expression.Match(line) {
					continue
				}
				row := grepLine{Path: f.path, Directory: f.directory, Pattern: patterns[i], LineNumber: number, Line: string(line)}
				if err := emit(&row); err != nil {
					return err
				}
			}
			return nil
		})
		if stopped || ctx.Err() != nil {
			return err
		}
		if err != nil {
			skipUnhashed(ctx, host, f.path, err)
		}
		return nil
	})
}
