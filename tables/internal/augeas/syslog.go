package augeas

import "strings"

// readRsyslog reads the rules of syslogd and rsyslogd: entries of selectors and actions, $Settings, objects with parameters and
// filters by a property. Of a script's blocks nothing is read, nor what comes
// after a line that limits the rest to a program or host.
func readRsyslog(root *Node, text string) {
	var entry *Node
	depth := 0
	var joined []string // lines of an object that goes on
	size := 0
	for line := range continued(text, " ") {
		line = strings.Trim(line, blanks)
		if joined != nil {
			inner, _ := cutSpacedComment(" "+line, "#")
			if !strings.Contains(inner, ")") {
				if joined, size = append(joined, inner), size+len(inner)+1; size > objectMax {
					joined = nil
				}
				continue
			}
			line, joined = strings.Join(append(joined, line), " "), nil
		} else if depth == 0 && !strings.HasPrefix(line, "#!") && root.comment(line, "#") {
			continue
		}
		opens, closes := strings.Count(line, "{"), strings.Count(line, "}")
		if depth > 0 || opens > 0 && !strings.HasPrefix(line, "$") && !strings.HasPrefix(line, ":") {
			depth = max(0, depth+opens-closes)
			continue
		}
		if strings.IndexByte("!+-", strings.TrimPrefix(line, "#")[0]) >= 0 { // from here on it holds for one program or host
			return
		}
		switch action, goesOn := strings.CutPrefix(line, "&"); {
		case goesOn && entry != nil:
			syslogAction(entry, strings.Trim(action, blanks))
		case line[0] == '$':
			entry = nil
			name, value := cutWord(line, blanks)
			value, comment := cutComment(value, "#")
			root.add(name, value).note(comment)
		case line[0] == ':':
			entry = syslogFilter(root, line)
		default:
			name, parameters, isObject := strings.Cut(line, "(")
			switch {
			case !isObject || !rsyslogObjects[strings.Trim(name, blanks)]:
				entry = syslogEntry(root, line)
			case !closed(parameters):
				line, _ = cutSpacedComment(line, "#")
				joined, size = []string{line}, len(line)
			default:
				entry = nil
				rsyslogObject(root, strings.Trim(name, blanks), parameters)
			}
		}
	}
}

// closed tells whether an object ends on its first line.
func closed(parameters string) bool {
	parameters, _ = cutSpacedComment(parameters, "#")
	return wordEnd(parameters, ")", doubleQuotes) < len(parameters)
}

// objectMax bounds an object of several lines.
const objectMax = 64 << 10

var rsyslogObjects = set("action global input module parser timezone include")

func rsyslogObject(root *Node, name, parameters string) {
	object := root.add(name, "")
	end := wordEnd(parameters, ")", doubleQuotes)
	for _, parameter := range quotedWords(parameters[:end]) {
		if key, value, ok := strings.Cut(parameter, "="); ok {
			object.add(key, unquote(value))
		}
	}
	if end < len(parameters) {
		_, comment := cutComment(parameters[end+1:], "#")
		object.note(comment)
	}
}

// syslogEntry adds selectors and the first action; nil where a line is none.
func syslogEntry(root *Node, line string) *Node {
	selectors, action := cutWord(line, blanks)
	if action == "" || !strings.Contains(selectors, ".") {
		return nil
	}
	entry := root.add("entry", "")
	for _, text := range strings.Split(selectors, ";") {
		at := strings.LastIndexByte(text, '.')
		if at < 0 {
			continue
		}
		selector := entry.add("selector", "")
		selector.addAll("facility", strings.Split(text[:at], ","))
		level := strings.TrimLeft(text[at+1:], "!<=>")
		if comparison := text[at+1 : len(text)-len(level)]; comparison != "" {
			selector.add("comparison", comparison)
		}
		selector.add("level", level)
	}
	syslogAction(entry, action)
	return entry
}

// syslogFilter adds a filter: :property, operation, "value" action.
func syslogFilter(root *Node, line string) *Node {
	property, rest, ok := strings.Cut(line[1:], ",")
	operation, rest, ok2 := strings.Cut(rest, ",")
	rest = strings.Trim(rest, blanks)
	if !ok || !ok2 || rest == "" || rest[0] != '"' {
		return nil
	}
	value, action, closed := strings.Cut(rest[1:], `"`)
	if !closed {
		return nil
	}
	filter := root.add("filter", "")
	filter.add("property", strings.Trim(property, blanks))
	filter.add("operation", strings.Trim(operation, blanks))
	filter.add("value", value)
	syslogAction(filter, strings.Trim(action, blanks))
	return filter
}

func syslogAction(entry *Node, text string) {
	action := entry.add("action", "")
	file, unsynced := strings.CutPrefix(text, "-")
	switch {
	case strings.HasPrefix(file, "/"):
		if unsynced {
			action.add("no_sync", "")
		}
		name, template, has := strings.Cut(file, ";")
		if action.add("file", name); has {
			action.add("template", template)
		}
	case strings.HasPrefix(text, "@"):
		host := strings.TrimLeft(text, "@")
		action.add("protocol", text[:len(text)-len(host)])
		name, port := host, ""
		if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
			name, port = host[:at], host[at+1:]
		}
		if action.add("hostname", name); port != "" {
			action.add("port", port)
		}
	case strings.HasPrefix(text, ":omusrmsg:"):
		action.addAll("omusrmsg", strings.Split(strings.TrimPrefix(text, ":omusrmsg:"), ","))
	case strings.HasPrefix(text, "?"):
		action.add("dynamic", text[1:])
	case strings.HasPrefix(text, "|"):
		if program := strings.Trim(text[1:], blanks); strings.HasPrefix(text, "| /") {
			action.add("pipe", program)
		} else {
			action.add("program", program)
		}
	case text == "~":
		action.add("discard", "")
	default:
		action.addAll("user", strings.Split(text, ","))
	}
}
