package shell

import (
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

var keywords = strings.Fields(`AND AS ASC BETWEEN BY CASE COLLATE COUNT CROSS DESC DISTINCT ELSE END EXCEPT EXISTS FROM GLOB
GROUP HAVING IN INNER INTERSECT IS JOIN LEFT LIKE LIMIT MAX MIN NOT NULL OFFSET ON OR ORDER SELECT SUM THEN UNION USING VALUES
WHEN WHERE WITH`)

// complete gives what may stand at pos (in runes) of line: the text before the word, the words that fit, the text after.
// before holds the earlier lines of the statement, whose tables count too.
func complete(list []*tables.Table, before, line string, pos int) (head string, words []string, tail string) {
	runes := []rune(line)
	left, tail := string(runes[:pos]), string(runes[pos:])
	start := strings.LastIndexFunc(left, func(r rune) bool { return !isWord(r) && r != '.' }) + 1
	head, word := left[:start], left[start:]
	if strings.HasPrefix(word, ".") && strings.TrimSpace(head) == "" {
		return head, withPrefix(dotNames(), word), tail
	}
	if command := strings.TrimSpace(head); command == ".schema" || command == ".tables" {
		return head, withPrefix(tableNames(list), word), tail
	}
	used := tablesIn(list, before+"\n"+line)
	if qualifier, column, qualified := strings.Cut(word, "."); qualified {
		t := used[strings.ToLower(qualifier)]
		if t == nil {
			return head, nil, tail
		}
		return head + qualifier + ".", withPrefix(columnNames(t), column), tail
	}
	if word == "" {
		return head, nil, tail
	}
	switch last := lastWord(head); last {
	case "from", "join":
		return head, withPrefix(tableNames(list), word), tail
	}
	var names []string
	for _, t := range used {
		names = append(names, columnNames(t)...)
	}
	names = append(names, tableNames(list)...)
	for _, k := range keywords {
		if word == strings.ToLower(word) {
			k = strings.ToLower(k)
		}
		names = append(names, k)
	}
	return head, withPrefix(names, word), tail
}

// tablesIn gives the tables that follow FROM, JOIN or a comma in the text, by their name and by their alias.
func tablesIn(list []*tables.Table, text string) map[string]*tables.Table {
	byName := map[string]*tables.Table{}
	for _, t := range list {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			byName[name] = t
		}
	}
	found := map[string]*tables.Table{}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !isWord(r) })
	for i, word := range words {
		t := byName[word]
		if t == nil {
			continue
		}
		found[word] = t
		next := i + 1
		if next < len(words) && words[next] == "as" {
			next++
		}
		if next < len(words) && byName[words[next]] == nil && !slices.Contains(keywords, strings.ToUpper(words[next])) {
			found[words[next]] = t
		}
	}
	return found
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func lastWord(text string) string {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// withPrefix gives the names that start with the prefix, whatever its case, sorted and once each.
func withPrefix(names []string, prefix string) []string {
	var found []string
	for _, name := range names {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func tableNames(list []*tables.Table) []string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.Name
	}
	return names
}

func columnNames(t *tables.Table) []string {
	names := make([]string, len(t.Columns()))
	for i := range t.Columns() {
		names[i] = t.Columns()[i].Name
	}
	return names
}
