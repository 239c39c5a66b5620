package files

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/like"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// plistValue is one value of a property list.
type plistValue struct {
	Key    string `col:"key" doc:"Key of the outermost dictionary; root where the outermost value is a list."`
	Subkey string `col:"subkey" doc:"Path to a value within, parted by slashes."`
	Value  string `col:"value" class:"content" doc:"Value, a boolean as 1 or 0, bytes in base64."`
	Path   string `col:"path" opt:"required" doc:"File."`
}

// PropertyList has a row for each value in the property lists that a statement names by path or by a pattern whose % stays
// within one level. The values of a list within have no subkey, or the number within a subkey, as in osquery.
// Source: property lists, XML or binary.
var PropertyList = tables.Define[plistValue](tables.Spec{
	Name: "plist", Doc: "Values of property lists named by path.",
	Category: tables.Files, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT key, subkey, value FROM plist WHERE path = '/Library/Preferences/com.apple.loginwindow.plist'",
		"SELECT path, value FROM plist WHERE path LIKE '/Library/LaunchDaemons/%.plist' AND key = 'Label'",
	},
}, generatePropertyList)

func generatePropertyList(ctx context.Context, host tables.Host, q *tables.Query, emit func(*plistValue) error) error {
	paths := q.Equal("path")
	for _, pattern := range q.Like("path") {
		paths = append(paths, matchPaths(ctx, host, "", strings.Split(strings.Trim(pattern, "/"), "/"))...)
	}
	for _, name := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !strings.HasPrefix(name, "/") {
			continue
		}
		value, ok := plist.ReadAny(ctx, host, name)
		if !ok {
			continue
		}
		list, isDict := value.(plist.Dict)
		if !isDict {
			list = plist.Dict{"root": value}
		}
		for _, key := range list.Keys() {
			if err := emitPropertyList(plistValue{Path: name, Key: key}, list[key], emit); err != nil {
				return err
			}
		}
	}
	return nil
}

// matchPaths gives the paths below dir whose levels match those of a pattern.
func matchPaths(ctx context.Context, host tables.Host, dir string, levels []string) []string {
	if len(levels) == 0 || ctx.Err() != nil {
		return nil
	}
	var names []string
	if strings.ContainsAny(levels[0], "%_") {
		for _, entry := range hostfile.List(ctx, host, dir+"/") {
			if like.Match(levels[0], entry.Name()) {
				names = append(names, dir+"/"+entry.Name())
			}
		}
	} else {
		names = []string{dir + "/" + levels[0]}
	}
	if len(levels) == 1 {
		return names
	}
	var found []string
	for _, name := range names {
		found = append(found, matchPaths(ctx, host, name, levels[1:])...)
	}
	return found
}

func emitPropertyList(row plistValue, value any, emit func(*plistValue) error) error {
	below := row.Subkey
	if below != "" {
		below += "/"
	}
	switch v := value.(type) {
	case plist.Dict:
		for _, key := range v.Keys() {
			row.Subkey = below + key
			if err := emitPropertyList(row, v[key], emit); err != nil {
				return err
			}
		}
		if len(v) > 0 {
			return nil
		}
	case []any:
		for i, item := range v {
			if below != "" {
				row.Subkey = below + strconv.Itoa(i)
			}
			if err := emitPropertyList(row, item, emit); err != nil {
				return err
			}
		}
		if len(v) > 0 {
			return nil
		}
	default:
		row.Value = plist.Text(value)
	}
	return emit(&row)
}
