package files

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// mdfindResult is one file that the index of metadata finds.
type mdfindResult struct {
	Path  string `col:"path" doc:"File."`
	Query string `col:"query" opt:"required" doc:"Query in the language of mdfind(1)."`
}

// MDFind has a row for each file that matches a query.
// Source: mdfind(1) on a running system.
var MDFind = tables.Define[mdfindResult](tables.Spec{
	Name: "mdfind", Doc: "Files that Spotlight's index finds.",
	Category: tables.Files, Platforms: tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT path FROM mdfind WHERE query = 'kMDItemFSName == \"*.pkg\" && kMDItemWhereFroms == \"*example*\"'"},
}, generateMDFind)

func generateMDFind(ctx context.Context, host tables.Host, q *tables.Query, emit func(*mdfindResult) error) error {
	for _, query := range q.Equal("query") {
		if query == "" || query[0] == '-' { // would be taken for an option
			continue
		}
		out, err := host.Run(ctx, "/usr/bin/mdfind", "-0", query)
		if errors.Is(err, errors.ErrUnsupported) {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("search the index: %w", err)
		}
		for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
			if name == "" {
				continue
			}
			if err := emit(&mdfindResult{Path: name, Query: query}); err != nil {
				return err
			}
		}
	}
	return nil
}
