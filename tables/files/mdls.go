package files

import (
	"context"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// fileAttribute is one attribute of a file in the index of metadata.
type fileAttribute struct {
	Path      string `col:"path" opt:"required" doc:"File."`
	Key       string `col:"key" doc:"Attribute."`
	Value     string `col:"value" class:"content" doc:"Value; those of a list are joined by commas."`
	Valuetype string `col:"valuetype" opt:"hidden" doc:"Type: string, number, date, boolean or array."`
}

// MDLS has a row for each attribute of the files that a statement names.
// Source: mdls(1) on a running system.
var MDLS = tables.Define[fileAttribute](tables.Spec{
	Name: "mdls", Doc: "What Spotlight's index knows of a file.",
	Category: tables.Files, Platforms: tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT value FROM mdls WHERE path = '/Applications/Safari.app' AND key = 'kMDItemWhereFroms'"},
}, generateMDLS)

func generateMDLS(ctx context.Context, host tables.Host, q *tables.Query, emit func(*fileAttribute) error) error {
	for _, name := range q.Equal("path") {
		if !strings.HasPrefix(name, "/") {
			continue
		}
		value, ok := plist.Command(ctx, host, "/usr/bin/mdls", "-plist", "-", name)
		if !ok {
			continue
		}
		attributes, _ := value.(plist.Dict)
		for _, key := range attributes.Keys() {
			row := fileAttribute{Path: name, Key: key, Value: strings.Join(attributes.Texts(key), ", "), Valuetype: attributeType(attributes[key])}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func attributeType(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case time.Time:
		return "date"
	case []any:
		return "array"
	default:
		return "number"
	}
}
