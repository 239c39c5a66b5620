package compliance

import "strings"

// parseKeyValues reads sections in brackets, lines of key = value, and words alone. # and ; begin a comment at the start
// of a line; # after a blank ends a value that is not quoted.
func parseKeyValues(data []byte) []configSetting {
	var rows []configSetting
	section := ""
	for number, line := range joinedLines(data) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
			continue
		case line[0] == '[':
			if name, _, closed := strings.Cut(line[1:], "]"); closed {
				section = strings.TrimSpace(name)
			}
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if key = strings.TrimSpace(key); key == "" {
			continue
		}
		rows = append(rows, configSetting{Section: section, Key: key, Value: bare(value), Line: number})
	}
	return rows
}

// bare gives a value without a comment behind it and without quotes.
func bare(value string) string {
	value = strings.TrimSpace(value)
	if len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
		if end := strings.IndexByte(value[1:], value[0]); end >= 0 {
			return value[1 : 1+end]
		}
	}
	for _, mark := range []string{" #", "\t#"} {
		value, _, _ = strings.Cut(value, mark)
	}
	return strings.TrimSpace(value)
}

// parseWords reads lines of a directive and its arguments, as chrony.conf(5) has them; # ! % ; begin comments.
func parseWords(data []byte) []configSetting {
	var rows []configSetting
	for number, line := range joinedLines(data) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.ContainsAny(fields[0][:1], "#!%;") {
			continue
		}
		rows = append(rows, configSetting{Key: strings.ToLower(fields[0]), Value: strings.Join(fields[1:], " "), Line: number})
	}
	return rows
}

// parseLimits reads limits.conf(5): domain, type, item, value. A type of - sets both limits.
func parseLimits(data []byte) []configSetting {
	var rows []configSetting
	for number, line := range joinedLines(data) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		kinds := []string{strings.ToLower(f[1])}
		if f[1] == "-" {
			kinds = []string{"soft", "hard"}
		}
		for _, kind := range kinds {
			rows = append(rows, configSetting{Section: f[0], Key: kind + " " + strings.ToLower(f[2]), Value: f[3], Line: number})
		}
	}
	return rows
}

// parseApt reads apt.conf(5): Name "value"; where names may stand in blocks, A { B "v"; };. Lists of bare values have the
// name of their block with :: behind it.
func parseApt(data []byte) []configSetting {
	p := aptParser{text: string(data), line: 1}
	p.block("", 0)
	return p.rows
}

const aptDepthMax = 32

type aptParser struct {
	text string
	at   int
	line int64
	rows []configSetting
}

// token gives the next word, quoted text or mark; "" at the end. A quoted text begins with a quote.
func (p *aptParser) token() string {
	for p.at < len(p.text) {
		rest := p.text[p.at:]
		switch c := rest[0]; {
		case c == '\n':
			p.line++
			p.at++
		case c == ' ' || c == '\t' || c == '\r':
			p.at++
		case c == '#' || strings.HasPrefix(rest, "//"):
			p.at += lengthTo(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			n := lengthTo(rest, "*/")
			p.line += int64(strings.Count(rest[:n], "\n"))
			p.at = min(p.at+n+2, len(p.text))
		case c == '{' || c == '}' || c == ';':
			p.at++
			return rest[:1]
		case c == '"':
			n := lengthTo(rest[1:], `"`)
			p.line += int64(strings.Count(rest[1:1+n], "\n"))
			p.at = min(p.at+n+2, len(p.text))
			return rest[:1+n]
		default:
			n := strings.IndexAny(rest, " \t\r\n{};\"")
			if n < 0 {
				n = len(rest)
			}
			p.at += n
			return rest[:n]
		}
	}
	return ""
}

// lengthTo is the length of what stands before a mark, or of all where there is none.
func lengthTo(text, mark string) int {
	if i := strings.Index(text, mark); i >= 0 {
		return i
	}
	return len(text)
}

// block reads settings until the block or the text ends.
func (p *aptParser) block(prefix string, depth int) {
	name := ""
	for {
		switch t := p.token(); {
		case t == "" || t == "}":
			return
		case t == "{":
			if depth >= aptDepthMax {
				return
			}
			p.block(join(prefix, name), depth+1)
			name = ""
		case t == ";":
			name = ""
		case t[0] == '"':
			key := join(prefix, name)
			if name == "" {
				key += "::"
			}
			p.rows = append(p.rows, configSetting{Key: key, Value: t[1:], Line: p.line})
		case name == "":
			name = t
		default: // a value without quotes
			p.rows = append(p.rows, configSetting{Key: join(prefix, name), Value: t, Line: p.line})
		}
	}
}

func join(prefix, name string) string {
	if prefix == "" || name == "" {
		return prefix + name
	}
	return prefix + "::" + name
}

// parseShell reads what start-up files of shells set of the few things that rules are about: TMOUT, whether it is
// readonly, and umask. It does not run them: a line in a branch counts as if it were taken.
func parseShell(data []byte) []configSetting {
	var rows []configSetting
	for number, line := range joinedLines(data) {
		for part := range strings.SplitSeq(line, ";") {
			fields := strings.Fields(part)
			for len(fields) > 0 && (fields[0] == "then" || fields[0] == "else" || fields[0] == "export" || fields[0] == "declare" || fields[0] == "typeset") {
				fields = fields[1:]
			}
			if len(fields) == 0 || fields[0][0] == '#' {
				continue
			}
			if fields[0] == "readonly" || fields[0] == "-r" || fields[0] == "-xr" || fields[0] == "-rx" {
				for _, word := range fields[1:] {
					if name, value, set := strings.Cut(word, "="); name == "TMOUT" {
						if set {
							rows = append(rows, configSetting{Key: "TMOUT", Value: bare(value), Line: number})
						}
						rows = append(rows, configSetting{Key: "readonly TMOUT", Line: number})
					}
				}
				continue
			}
			if value, set := strings.CutPrefix(fields[0], "TMOUT="); set {
				rows = append(rows, configSetting{Key: "TMOUT", Value: bare(value), Line: number})
			}
			if fields[0] == "umask" && len(fields) > 1 {
				rows = append(rows, configSetting{Key: "umask", Value: bare(fields[1]), Line: number})
			}
		}
	}
	return rows
}
