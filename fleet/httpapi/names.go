package httpapi

import (
	"reflect"
	"strings"
	"unicode"
)

// schemaName names a type in the OpenAPI description by its package and its name, so that every feature may have its
// own Item: agents.Item is AgentsItem, httpapi.Page[agents.Item] is PageAgentsItem. Anonymous structs, such as the body of an
// input, are named after the operation that is being registered: huma's hint is the same in every feature.
func (api *API) schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	text := t.Name()
	if text == "" {
		return schemaWords(api.registering) + hint
	}
	if pkg := lastElement(t.PkgPath()); pkg != "httpapi" {
		text = pkg + "." + text
	}
	return schemaWords(text)
}

func schemaWords(text string) string {
	var name strings.Builder
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("[],*", r) }) {
		for _, word := range strings.FieldsFunc(lastElement(part), func(r rune) bool { return r == '.' || r == '-' || r == '_' }) {
			runes := []rune(word)
			runes[0] = unicode.ToUpper(runes[0])
			name.WriteString(string(runes))
		}
	}
	return name.String()
}

func lastElement(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
