// Package drift says what counts as a change of a machine: which collections are watched, and which of their columns, once
// what changes by itself (process numbers, counters, times, generated names) is taken away. It compares two sets of rows.
package drift

import (
	_ "embed" // for default.yaml
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/tables"
)

// Policy says what counts, by the full name of a collection.
type Policy struct {
	Watches map[string]*Watch
	Text    string
}

// Watch is what counts in one collection.
type Watch struct {
	Collection string
	Columns    []string // that count, in the order given
	Key        []string // that say which thing a row is about: the same key with other values is a change of that thing
	Normalise  map[string]Normaliser
	// Novel says that values that no agent had before are worth telling, and how many agents have a value.
	Novel bool
}

// Normaliser takes away from a text what changes by itself.
type Normaliser string

// The normalisers.
const (
	Digits Normaliser = "digits" // runs of digits become #
	Lower  Normaliser = "lower"
	Home   Normaliser = "home"   // the home directory of whoever becomes ~
	Random Normaliser = "random" // parts that look made up (UUIDs, long hexadecimal numbers, six digits and more, as of temporary directories) become *
)

var (
	digits = regexp.MustCompile(`[0-9]+`)
	homes  = regexp.MustCompile(`^(/home/[^/]+|/root|/Users/[^/]+|[A-Za-z]:\\Users\\[^\\]+)`)
	random = regexp.MustCompile(`\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?|\b[0-9a-fA-F]{12,}\b|[0-9]{6,}`)
)

func (n Normaliser) apply(text string) string {
	switch n {
	case Digits:
		return digits.ReplaceAllString(text, "#")
	case Lower:
		return strings.ToLower(text)
	case Home:
		return homes.ReplaceAllString(text, "~")
	case Random:
		return random.ReplaceAllString(text, "*")
	}
	return text
}

type policyFile struct {
	Collections map[string]watchFile `yaml:"collections"`
}

type watchFile struct {
	Columns   []string              `yaml:"columns"`
	Key       []string              `yaml:"key"`
	Normalise map[string]Normaliser `yaml:"normalise"`
	Novel     bool                  `yaml:"novel"`
}

//go:embed default.yaml
var defaultText []byte

// Default is the product's own policy. columns tells what a collection has.
func Default(columns func(collection string) ([]string, bool)) (*Policy, error) {
	return Parse("default.yaml", defaultText, columns)
}

// Parse reads a policy. Its error joins every mistake found, each a *document.Error.
func Parse(file string, text []byte, columns func(collection string) ([]string, bool)) (*Policy, error) {
	var f policyFile
	d, err := document.Decode(file, text, &f)
	if err != nil {
		return nil, err
	}
	p := &Policy{Watches: map[string]*Watch{}, Text: string(text)}
	var mistakes []error
	for _, name := range slices.Sorted(maps.Keys(f.Collections)) {
		w := f.Collections[name]
		wrong := func(message string, path ...string) {
			mistakes = append(mistakes, d.ErrorAt(message, append([]string{"collections", name}, path...)...))
		}
		known, ok := columns(name)
		if !ok {
			mistakes = append(mistakes, d.ErrorAt("nothing collects "+name+": name a query of a pack as pack:<pack>/<query>", "collections", ":"+name))
			continue
		}
		if len(w.Columns) == 0 {
			wrong("columns names what counts", "columns")
		}
		for i, column := range w.Columns {
			if !slices.Contains(known, column) {
				wrong(fmt.Sprintf("%s has no column %s; it has %s", name, column, strings.Join(known, ", ")), "columns", fmt.Sprint(i))
			}
		}
		for i, column := range w.Key {
			if !slices.Contains(w.Columns, column) {
				wrong("a column of the key is one of columns", "key", fmt.Sprint(i))
			}
		}
		for _, column := range slices.Sorted(maps.Keys(w.Normalise)) {
			if !slices.Contains(w.Columns, column) {
				wrong("only a column of columns is normalised", "normalise", ":"+column)
			}
			if n := w.Normalise[column]; n != Digits && n != Lower && n != Home && n != Random {
				wrong("a normaliser is digits, lower, home or random", "normalise", column)
			}
		}
		p.Watches[name] = &Watch{name, w.Columns, w.Key, w.Normalise, w.Novel}
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return p, nil
}

// Reduce gives what counts of rows: their cells in the order of Columns, normalised, each different row once, sorted.
func (w *Watch) Reduce(columns []string, rows [][]tables.Value) []Value {
	at := make([]int, len(w.Columns))
	for i, name := range w.Columns {
		at[i] = slices.Index(columns, name)
	}
	byText := make(map[string]Value, len(rows))
	for _, row := range rows {
		cells := make([]tables.Value, len(at))
		for i, from := range at {
			if from < 0 {
				continue
			}
			cells[i] = row[from]
			if n, ok := w.Normalise[w.Columns[i]]; ok && cells[i].Kind == tables.ValueText {
				cells[i].Text = n.apply(cells[i].Text)
			}
		}
		text, err := json.Marshal(cells)
		if err != nil {
			panic(fmt.Sprintf("encode cells: %v", err)) // of numbers and texts only
		}
		byText[string(text)] = Value{string(text), cells}
	}
	values := make([]Value, 0, len(byText))
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		values = append(values, byText[text])
	}
	return values
}

// Value is a row as far as it counts.
type Value struct {
	Text  string // its cells as a JSON array: equal texts are equal values
	Cells []tables.Value
}

// Change is a difference between two sets of values.
type Change struct {
	Kind  string // added, removed or changed
	Value Value  // as it is now; of a removed one, as it was
	Was   *Value // of a changed one
}

// Compare tells what is different in after, in the order of the values: removed, changed, added.
func (w *Watch) Compare(before, after []Value) []Change {
	had, has := texts(before), texts(after)
	var gone, come []Value
	for _, v := range before {
		if !has[v.Text] {
			gone = append(gone, v)
		}
	}
	for _, v := range after {
		if !had[v.Text] {
			come = append(come, v)
		}
	}
	was := map[string][]Value{}
	if len(w.Key) > 0 {
		for _, v := range gone {
			was[w.keyOf(v)] = append(was[w.keyOf(v)], v)
		}
	}
	var removed, changed, added []Change
	paired := map[string]bool{}
	for _, v := range come {
		if same := was[w.keyOf(v)]; len(w.Key) > 0 && len(same) > 0 {
			old := same[0]
			was[w.keyOf(v)] = same[1:]
			paired[old.Text] = true
			changed = append(changed, Change{"changed", v, &old})
			continue
		}
		added = append(added, Change{"added", v, nil})
	}
	for _, v := range gone {
		if !paired[v.Text] {
			removed = append(removed, Change{"removed", v, nil})
		}
	}
	return slices.Concat(removed, changed, added)
}

func (w *Watch) keyOf(v Value) string {
	var b strings.Builder
	for _, column := range w.Key {
		fmt.Fprintf(&b, "%q", v.Cells[slices.Index(w.Columns, column)].String())
	}
	return b.String()
}

func texts(values []Value) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, v := range values {
		set[v.Text] = true
	}
	return set
}
