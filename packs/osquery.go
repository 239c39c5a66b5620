package packs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/tables"
)

// annotations are keys that public packs carry for people; they say nothing about what runs.
var annotations = []string{"author", "comment", "description", "license", "name", "references", "tags", "title", "value", "wiki"}

// ParseOsquery reads an osquery JSON pack. The pack's name is not in the file, so it is given. Its error joins every
// mistake found, each a *document.Error.
func ParseOsquery(file, name string, text []byte, compilers queries.Compilers) (*Pack, error) {
	root, err := readJSON(file, text)
	if err != nil {
		return nil, err
	}
	o := &osqueryReader{file: file, d: &draft{imported: true, sqlKey: "query", pack: Pack{Name: name}}}
	o.d.at = func(message string, line, column int, path ...string) error {
		v := root
		for _, step := range path {
			next := v.members[step]
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v.items) {
				next = v.items[i]
			}
			if next == nil {
				break
			}
			v = next
		}
		if line == 1 {
			return o.at(&value{line: v.line, column: v.column + column}, message) // within the quotes
		}
		return o.at(v, message)
	}
	o.pack(root)
	if err := errors.Join(o.mistakes...); err != nil {
		return nil, err
	}
	return o.d.finish(text, compilers)
}

type osqueryReader struct {
	file     string
	d        *draft
	mistakes []error
}

func (o *osqueryReader) at(v *value, message string) error {
	return &document.Error{File: o.file, Line: v.line, Column: v.column, Message: message}
}

func (o *osqueryReader) mistake(v *value, format string, args ...any) {
	o.mistakes = append(o.mistakes, o.at(v, fmt.Sprintf(format, args...)))
}

func (o *osqueryReader) note(format string, args ...any) {
	o.d.pack.Notes = append(o.d.pack.Notes, fmt.Sprintf(format, args...))
}

func (o *osqueryReader) pack(root *value) {
	if root.kind != isObject {
		o.mistake(root, "a pack is an object with the key queries")
		return
	}
	p := &o.d.pack
	for _, key := range root.keys {
		v := root.members[key]
		switch key {
		case "platform":
			p.Platforms = o.platforms(v)
		case "version":
			o.version("the pack", v)
		case "shard":
			p.Shard = o.number(v)
		case "discovery":
			if v.kind != isList {
				o.mistake(v, "discovery is a list of statements")
			}
			for _, item := range v.items {
				p.Discovery = append(p.Discovery, o.text(item))
			}
		case "description":
			p.Description = o.text(v)
		case "file_paths":
			p.Events.FilePaths = o.paths(v)
		case "exclude_paths":
			p.Events.ExcludePaths = o.paths(v)
		case "file_accesses":
			p.Events.FileAccesses = o.texts(v)
		case "queries":
			if v.kind != isObject {
				o.mistake(v, "queries is an object with one query a name")
			}
			for _, name := range v.keys {
				o.query(name, v.members[name])
			}
		default:
			o.unknown("the pack", key, v)
		}
	}
	if root.members["queries"] == nil {
		o.mistake(root, "the pack has no queries")
	}
}

func (o *osqueryReader) query(name string, v *value) {
	if v.kind != isObject {
		o.mistake(v, "a query is an object with the keys query and interval")
		return
	}
	q := ScheduledQuery{Name: name, Denylist: true}
	snapshot, removed := false, true
	for _, key := range v.keys {
		member := v.members[key]
		switch key {
		case "query":
			q.SQL = o.text(member)
		case "interval":
			q.Interval = time.Duration(o.number(member)) * time.Second
		case "platform":
			q.Platforms = o.platforms(member)
		case "version":
			o.version("query "+name, member)
		case "description":
			q.Description = o.text(member)
		case "shard":
			q.Shard = o.number(member)
		case "snapshot":
			snapshot = o.truth(member)
		case "removed":
			removed = o.truth(member)
		case "denylist", "blacklist":
			q.Denylist = o.truth(member)
		default:
			o.unknown("query "+name, key, member)
		}
	}
	switch {
	case snapshot:
		q.Mode = Snapshot
	case !removed:
		q.Mode = Append
	}
	o.d.pack.Queries = append(o.d.pack.Queries, q)
	o.d.paths = append(o.d.paths, []string{"queries", name})
}

func (o *osqueryReader) unknown(where, key string, v *value) {
	if !slices.Contains(annotations, key) {
		o.mistake(v, "%s has the unknown key %q", where, key)
	}
}

// version is the osquery version that a query was written for. All our tables are there always.
func (o *osqueryReader) version(where string, v *value) {
	if text := o.text(v); text != "" {
		o.note("%s asks for osquery %s; that is not looked at", where, text)
	}
}

func (o *osqueryReader) text(v *value) string {
	text, ok := v.scalar.(string)
	if !ok {
		o.mistake(v, "this is to be a text")
	}
	return text
}

// texts reads a list of texts.
func (o *osqueryReader) texts(v *value) []string {
	if v.kind != isList {
		o.mistake(v, "this is to be a list of texts")
	}
	var list []string
	for _, item := range v.items {
		list = append(list, o.text(item))
	}
	return list
}

// paths reads lists of paths by category.
func (o *osqueryReader) paths(v *value) map[string][]string {
	if v.kind != isObject {
		o.mistake(v, "this is to be an object with one list of paths a category")
	}
	groups := map[string][]string{}
	for _, category := range v.keys {
		groups[category] = o.texts(v.members[category])
	}
	return groups
}

// number reads a whole number, which packs also write as a text.
func (o *osqueryReader) number(v *value) int {
	var text string
	switch scalar := v.scalar.(type) {
	case json.Number:
		text = scalar.String()
	case string:
		text = scalar
	}
	n, err := strconv.ParseInt(text, 10, 31)
	if err != nil || n < 0 {
		o.mistake(v, "this is to be a whole number")
		return 1 // something valid: the mistake is noted
	}
	return int(n)
}

func (o *osqueryReader) truth(v *value) bool {
	switch scalar := v.scalar.(type) {
	case bool:
		return scalar
	case string:
		if b, err := strconv.ParseBool(scalar); err == nil {
			return b
		}
	}
	o.mistake(v, "this is to be true or false")
	return false
}

func (o *osqueryReader) platforms(v *value) tables.Platforms {
	set, err := osqueryPlatforms(o.text(v))
	if err != nil {
		o.mistake(v, "%v", err)
	}
	return set
}

// osqueryPlatforms reads osquery's words. Old packs name distributions; systems that we do not run on are left out.
func osqueryPlatforms(text string) (tables.Platforms, error) {
	var known []string
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' })
	for _, word := range words {
		switch word {
		case "ubuntu", "debian", "centos", "rhel", "amazon", "arch", "gentoo":
			known = append(known, "linux")
		case "freebsd", "chrome":
		default:
			known = append(known, word)
		}
	}
	if len(words) > 0 && len(known) == 0 {
		return 0, fmt.Errorf("agents run on linux, darwin and windows, not on %s", text)
	}
	return tables.ParsePlatforms(strings.Join(known, ","))
}
