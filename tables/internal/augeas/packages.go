package augeas

import (
	"strconv"
	"strings"
)

// readAptSources reads lists of package sources, one a line.
func readAptSources(root *Node, text string) {
	number := 1
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		line, _ := cutSpacedComment(line, "#")
		words := wordsOutsideBrackets(line)
		if len(words) < 3 {
			continue
		}
		source := &Node{Label: strconv.Itoa(number)}
		source.add("type", words[0])
		rest := words[1:]
		if inner, has := strings.CutPrefix(rest[0], "["); has {
			options := source.add("options", "")
			for _, option := range strings.Fields(strings.TrimSuffix(inner, "]")) {
				aptOption(options, option)
			}
			rest = rest[1:]
		}
		if len(rest) < 2 {
			continue
		}
		source.add("uri", rest[0])
		source.add("distribution", rest[1])
		source.addAll("component", rest[2:])
		root.Children = append(root.Children, source)
		number++
	}
}

// wordsOutsideBrackets cuts a text at blanks that are not in square brackets.
func wordsOutsideBrackets(text string) []string {
	depth := 0
	return strings.FieldsFunc(text, func(r rune) bool {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		}
		return depth <= 0 && (r == ' ' || r == '\t')
	})
}

// aptOption adds name=value, name+=value or name-=value.
func aptOption(options *Node, text string) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return
	}
	plain := strings.TrimRight(name, "+-")
	option := options.add(plain, value)
	if plain != name {
		option.add("operation", name[len(plain):])
	}
}

// aptSingles are the fields of a stanza that have one value; others have a list.
var aptSingles = set(`Enabled PDiffs By-Hash Allow-Insecure Allow-Weak Allow-Downgrade-To-Insecure Trusted Check-Valid-Until Valid-Until-Min
	Valid-Until-Max Check-Date Date-Max-Future InRelease-Path Snapshot`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// readAptSources822 reads stanzas of package sources, parted by empty lines. An item that ends its line keeps the end where the
// field goes on, as Augeas has it.
func readAptSources822(root *Node, text string) {
	var stanza, field *Node
	for line := range lines(text) {
		inner := strings.TrimLeft(line, blanks)
		switch {
		case inner == "":
			stanza, field = nil, nil
			continue
		case stanza == nil:
			stanza = root.add(strconv.Itoa(len(root.Children)+1), "")
		}
		if line[0] == '#' {
			stanza.note(strings.Trim(line[1:], blanks))
			continue
		}
		if inner != line { // the field goes on
			if field == nil {
				continue
			}
			if n := len(field.Children); n > 0 {
				field.Children[n-1].Value += "\n"
			}
			field.addNumbered(len(field.Children)+1, strings.Fields(inner))
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" {
			continue
		}
		if aptSingles[name] {
			stanza.add(name, strings.Trim(value, blanks))
			field = nil
			continue
		}
		field = stanza.add(name, "")
		field.addNumbered(1, strings.Fields(value))
	}
}

// tightEquals takes the blanks around equals signs away.
func tightEquals(text string) string {
	parts := strings.Split(text, "=")
	for i := range parts {
		if i > 0 {
			parts[i] = strings.TrimLeft(parts[i], blanks)
		}
		if i < len(parts)-1 {
			parts[i] = strings.TrimRight(parts[i], blanks)
		}
	}
	return strings.Join(parts, "=")
}

// readModprobe reads which modules are loaded how, and which are not.
func readModprobe(root *Node, text string) {
	for line := range continued(text, " ") {
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		entry := &Node{Label: words[0], Value: words[1]}
		switch rest := words[2:]; words[0] {
		case "alias":
			if len(rest) != 1 {
				continue
			}
			entry.add("modulename", rest[0])
		case "options":
			for _, option := range quotedWords(tightEquals(strings.Join(rest, " "))) {
				name, value, _ := strings.Cut(option, "=")
				entry.add(name, value)
			}
		case "install", "remove":
			_, command := cutWord(line, blanks)
			_, command = cutWord(command, blanks)
			entry.add("command", command)
		case "blacklist", "config":
		case "softdep":
			label := ""
			for _, item := range rest {
				if item == "pre:" || item == "post:" {
					label = item[:len(item)-1]
				} else if label != "" {
					entry.add(label, item)
				}
			}
		default:
			continue
		}
		entry.note(comment)
		root.Children = append(root.Children, entry)
	}
}
