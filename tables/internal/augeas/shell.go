package augeas

import "strings"

// readShellVars reads the assignments of a shell file, with the quotes of their values. What stands inside if, case, loops and
// functions is left out: it may never be run.
func readShellVars(root *Node, text string) {
	depth := 0
	quote, list := byte(0), false
	var joined strings.Builder
	for line := range continued(text, " ") {
		if depth == 0 && quote == 0 && root.comment(line, "#") {
			continue
		}
		quote = quoteAfter(line, quote)
		if !list && joined.Len() == 0 {
			_, inner, opens := strings.Cut(line, "=(")
			list = opens && !strings.Contains(inner, ")")
		} else if list {
			list = !strings.HasSuffix(line, ")")
		}
		if quote != 0 || list { // its value goes on in the next line
			joined.WriteString(line + "\n")
			continue
		}
		if joined.Len() > 0 {
			line = joined.String() + line
			joined.Reset()
		}
		line = strings.Trim(line, blanks)
		first, _ := cutWord(line, " \t;")
		switch {
		case shellOpens[first] || strings.HasSuffix(line, "{") || strings.HasSuffix(line, "() ("):
			if !shellClosedOn(line) {
				depth++
			}
		case shellCloses[first] && depth > 0:
			depth--
		case depth == 0:
			shellStatements(root, line)
		}
	}
}

var (
	shellOpens  = map[string]bool{"if": true, "for": true, "while": true, "until": true, "select": true, "case": true}
	shellCloses = map[string]bool{"fi": true, "done": true, "esac": true, "}": true, ")": true}
)

// shellClosedOn tells whether a block that a line opens also ends there.
func shellClosedOn(line string) bool {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t;", r) })
	return len(words) > 1 && shellCloses[words[len(words)-1]]
}

// quoteAfter gives the quote that is open after a line, given that before it; 0 where none is.
func quoteAfter(line string, quote byte) byte {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#' && (i == 0 || strings.IndexByte(blanks, line[i-1]) >= 0):
			return 0
		}
	}
	return quote
}

// shellStatements adds what the statements of a line set.
func shellStatements(root *Node, line string) {
	for line != "" {
		end := wordEnd(line, ";#", "\"'`")
		for end < len(line) && line[end] == '#' && end > 0 && strings.IndexByte(blanks, line[end-1]) < 0 { // part of a word
			end += 1 + wordEnd(line[end+1:], ";#", "\"'`")
		}
		if at := strings.LastIndex(line[:end], "$("); at >= 0 && strings.IndexByte(line[at:end], ')') < 0 { // of a command inside
			if closing := strings.IndexByte(line[end:], ')'); closing < 0 {
				end = len(line)
			} else {
				end += closing + wordEnd(line[end+closing:], ";#", "\"'`")
			}
		}
		statement, rest := strings.Trim(line[:end], blanks), ""
		node := shellStatement(statement)
		if end < len(line) {
			rest = strings.TrimLeft(line[end+1:], blanks)
		}
		isComment := end < len(line) && line[end] == '#'
		switch {
		case node != nil:
			root.Children = append(root.Children, node)
			if isComment {
				node.note(rest)
			}
		case isComment && statement == "":
			root.note(rest)
		}
		if isComment {
			return
		}
		line = rest
	}
}

// shellStatement gives the node of one statement; nil where it sets nothing.
func shellStatement(text string) *Node {
	first, rest := cutWord(text, blanks)
	switch {
	case (first == "." || first == "source") && rest != "":
		return &Node{Label: ".source", Value: rest}
	case first == "unset" || first == "export" && !strings.Contains(rest, "="):
		node := &Node{Label: "@" + first}
		node.addNumbered(1, strings.Fields(rest))
		return node
	case first == "export":
		node := shellStatement(rest)
		if node != nil {
			node.Children = append([]*Node{{Label: "export"}}, node.Children...)
		}
		return node
	}
	name, value, ok := strings.Cut(text, "=")
	if !ok || !word(name, "_-,[]") {
		return shellCommand(first, text)
	}
	if !strings.ContainsAny(value[:min(1, len(value))], "($`") && wordEnd(value, blanks, anyQuotes) < len(value) {
		return nil // a command with a variable of its own
	}
	node := &Node{Label: name, Value: value}
	if inner, isList := strings.CutPrefix(value, "("); isList && strings.HasSuffix(inner, ")") {
		if words := quotedWords(strings.ReplaceAll(strings.TrimSuffix(inner, ")"), "\n", " ")); len(words) > 0 {
			node.Value = ""
			node.addNumbered(1, words)
		}
	}
	return node
}

// shellCommand gives the node of a command of its own, such as umask 027; nil for one that is joined with others.
func shellCommand(name, text string) *Node {
	if !word(name, "_-./") || strings.ContainsAny(text, "|&<>`") {
		return nil
	}
	arguments := strings.Trim(strings.TrimPrefix(text, name), blanks)
	node, label := &Node{Label: "@command", Value: name}, "@arg"
	switch name {
	case "ulimit", "shift", "exit":
		node.Label, label = "@builtin", "args"
	case "return":
		return &Node{Label: "@return", Value: arguments}
	case "eval", "alias":
		return nil
	}
	if arguments != "" {
		node.add(label, arguments)
	}
	return node
}
