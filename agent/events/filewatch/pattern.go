package filewatch

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Table is the table in which what happened to files is recorded.
const Table = "file_events"

// Config says what is watched.
type Config struct {
	Paths    map[string][]string // patterns by category
	Excludes map[string][]string // what of them is not recorded, by category
	Accesses []string            // categories of which reading is recorded too
}

// Empty tells whether nothing is to be watched.
func (c Config) Empty() bool {
	for _, patterns := range c.Paths {
		if len(patterns) > 0 {
			return false
		}
	}
	return true
}

// patternMax bounds the length of one pattern.
const patternMax = 4096

// CheckPattern says what is wrong with a pattern, nil where nothing is.
func CheckPattern(text string) error {
	_, err := parsePattern(text)
	return err
}

// pattern is a path whose names may have wildcards.
type pattern struct {
	names []string // as path.Match has them
	deep  bool     // everything below what the names match
}

func parsePattern(text string) (pattern, error) {
	var p pattern
	switch {
	case len(text) > patternMax:
		return p, fmt.Errorf("a path has at most %d bytes", patternMax)
	case !strings.HasPrefix(text, "/"):
		return p, fmt.Errorf("path %q does not begin with /", text)
	case strings.ContainsRune(text, 0):
		return p, fmt.Errorf("path %q has a NUL byte", text)
	}
	names := strings.Split(strings.Trim(text, "/"), "/")
	if strings.HasSuffix(text, "/") {
		names = append(names, "%") // the entries of a directory
	}
	for i, name := range names {
		switch {
		case name == "" && len(names) > 1:
			continue // // is /
		case name == "." || name == "..":
			return p, fmt.Errorf("path %q has the name %s", text, name)
		case name == "%%" || name == "**":
			if i != len(names)-1 {
				return p, fmt.Errorf("path %q: %s stands only at the end", text, name)
			}
			p.deep = true
			continue
		case strings.Contains(name, "%%"):
			return p, fmt.Errorf("path %q: %%%% stands alone, as /etc/%%%%", text)
		}
		name = strings.ReplaceAll(name, "%", "*")
		if _, err := path.Match(name, ""); err != nil {
			return p, fmt.Errorf("path %q: %q is no pattern", text, name)
		}
		p.names = append(p.names, name)
	}
	if len(p.names) == 0 && !p.deep {
		return p, fmt.Errorf("path %q names no file", text)
	}
	return p, nil
}

// literal is how many of the leading names have no wildcard.
func (p pattern) literal() int {
	for i, name := range p.names {
		if strings.ContainsAny(name, `*?[\`) {
			return i
		}
	}
	return len(p.names)
}

// start is the deepest directory that all matches lie in.
func (p pattern) start() []string {
	n := p.literal()
	if n == len(p.names) && !p.deep {
		n-- // the last name is the file's
	}
	return p.names[:n]
}

// split gives the names of an absolute path.
func split(file string) []string {
	file = strings.Trim(file, "/")
	if file == "" {
		return nil
	}
	return strings.Split(file, "/")
}

// leads tells whether the names match the beginning of the pattern, as far as both go.
func (p pattern) leads(names []string) bool {
	for i := range min(len(names), len(p.names)) {
		if !matches(p.names[i], names[i]) {
			return false
		}
	}
	return true
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// match tells whether a path matches.
func (p pattern) match(names []string) bool {
	if p.deep {
		return len(names) > len(p.names) && p.leads(names)
	}
	return len(names) == len(p.names) && p.leads(names)
}

// below tells whether a match can lie in a directory or deeper.
func (p pattern) below(dir []string) bool { return (p.deep || len(dir) < len(p.names)) && p.leads(dir) }

// direct tells whether an entry of a directory can match.
func (p pattern) direct(dir []string) bool {
	if p.deep {
		return len(dir) >= len(p.names) && p.leads(dir)
	}
	return len(dir) == len(p.names)-1 && p.leads(dir)
}

// covers tells whether all that lies below a directory matches.
func (p pattern) covers(dir []string) bool { return p.deep && len(dir) >= len(p.names) && p.leads(dir) }

// category is one group of patterns.
type category struct {
	name     string
	paths    []pattern
	excludes []pattern
	accesses bool
}

func (c category) match(names []string) bool {
	is := func(p pattern) bool { return p.match(names) }
	return slices.ContainsFunc(c.paths, is) && !slices.ContainsFunc(c.excludes, is)
}

// matcher is a compiled Config, its categories sorted by name.
type matcher []category

func compile(c Config) (matcher, error) {
	var m matcher
	for _, name := range slices.Sorted(maps.Keys(c.Paths)) {
		group := category{name: name, accesses: slices.Contains(c.Accesses, name)}
		for _, text := range c.Paths[name] {
			p, err := parsePattern(text)
			if err != nil {
				return nil, fmt.Errorf("category %s: %w", name, err)
			}
			group.paths = append(group.paths, p)
		}
		for _, text := range c.Excludes[name] {
			p, err := parsePattern(text)
			if err != nil {
				return nil, fmt.Errorf("category %s, exclusion: %w", name, err)
			}
			group.excludes = append(group.excludes, p)
		}
		m = append(m, group)
	}
	return m, nil
}

// categories lists those that a path belongs to.
func (m matcher) categories(file string) []category {
	names := split(file)
	var list []category
	for _, c := range m {
		if c.match(names) {
			list = append(list, c)
		}
	}
	return list
}

// interest is what of a directory has to be watched.
type interest uint8

const (
	nothing   interest = iota
	structure          // which directories appear in it
	entries            // what happens to its entries
	readings           // also who reads them
)

func (m matcher) interest(dir string) interest {
	names := split(dir)
	highest := nothing
	for _, c := range m {
		if slices.ContainsFunc(c.excludes, func(p pattern) bool { return p.covers(names) }) {
			continue
		}
		for _, p := range c.paths {
			switch {
			case p.direct(names) && c.accesses:
				highest = max(highest, readings)
			case p.direct(names):
				highest = max(highest, entries)
			case p.below(names):
				highest = max(highest, structure)
			}
		}
	}
	return highest
}

// trusted tells whether a directory's path lies in the literal part of a pattern, whose links the administrator meant.
func (m matcher) trusted(dir string) bool {
	names := split(dir)
	for _, c := range m {
		for _, p := range c.paths {
			if len(names) <= p.literal() && p.leads(names) {
				return true
			}
		}
	}
	return false
}

// starts lists the directories that watching begins in, sorted, each once.
func (m matcher) starts() []string {
	var list []string
	for _, c := range m {
		for _, p := range c.paths {
			list = append(list, "/"+strings.Join(p.start(), "/"))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
