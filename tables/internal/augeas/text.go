package augeas

import (
	"iter"
	"strings"
)

// reader puts the nodes of a file's text below root.
type reader func(root *Node, text string)

const blanks = " \t"

// lines gives the lines of a text without their ends and the blanks before these.
func lines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			if !yield(strings.TrimRight(line, " \t\r\n")) {
				return
			}
		}
	}
}

// continued gives lines of which one that ends in a backslash goes on in the next; the two are joined by between.
func continued(text, between string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var joined strings.Builder
		for line := range lines(text) {
			part, goesOn := strings.CutSuffix(line, `\`)
			if goesOn && strings.HasPrefix(strings.TrimLeft(line, blanks), "#") {
				part, goesOn = line, false // a comment does not go on
			}
			if joined.Len() > 0 {
				part = strings.TrimLeft(part, blanks)
			}
			joined.WriteString(strings.TrimRight(part, blanks))
			if goesOn {
				joined.WriteString(between)
				continue
			}
			if !yield(joined.String()) {
				return
			}
			joined.Reset()
		}
		if joined.Len() > 0 { // a last line that promises more than there is
			yield(joined.String())
		}
	}
}

// comment takes a line that is empty or begins with one of the marks, and tells whether it was one.
func (n *Node) comment(line, marks string) bool {
	text := strings.Trim(line, blanks)
	if text == "" {
		return true
	}
	if strings.IndexByte(marks, text[0]) < 0 {
		return false
	}
	n.note(strings.Trim(text[1:], blanks))
	return true
}

// cutComment parts a line at the first of the marks. Both parts are without blanks around them.
func cutComment(line, marks string) (text, comment string) {
	if at := strings.IndexAny(line, marks); at >= 0 {
		return strings.Trim(line[:at], blanks), strings.Trim(line[at+1:], blanks)
	}
	return strings.Trim(line, blanks), ""
}

// cutSpacedComment is cutComment where a mark only counts after a blank.
func cutSpacedComment(line, marks string) (text, comment string) {
	for i := 1; i < len(line); i++ {
		if strings.IndexByte(marks, line[i]) >= 0 && strings.IndexByte(blanks, line[i-1]) >= 0 {
			return strings.Trim(line[:i], blanks), strings.Trim(line[i+1:], blanks)
		}
	}
	return strings.Trim(line, blanks), ""
}

// cutWord parts a line at the first of the separators, which may be several.
func cutWord(line, separators string) (word, rest string) {
	line = strings.TrimLeft(line, blanks)
	at := strings.IndexAny(line, separators)
	if at < 0 {
		return line, ""
	}
	return line[:at], strings.Trim(strings.TrimLeft(line[at:], separators), blanks)
}

// cutEqual parts a line at its first equals sign.
func cutEqual(line string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(line, "=")
	return strings.Trim(name, blanks), strings.Trim(value, blanks), ok
}

// unquote takes off one pair of quotes around a text.
func unquote(text string) string {
	if n := len(text); n >= 2 && text[0] == text[n-1] && (text[0] == '"' || text[0] == '\'') {
		return text[1 : n-1]
	}
	return text
}

// Which quotes a format knows.
const (
	doubleQuotes = `"`
	anyQuotes    = `"'`
)

// quotedWords cuts a text at blanks that are not in quotes, which stay.
func quotedWords(text string) []string {
	var words []string
	for text = strings.TrimLeft(text, blanks); text != ""; text = strings.TrimLeft(text, blanks) {
		end := wordEnd(text, blanks, anyQuotes)
		words = append(words, text[:end])
		text = text[end:]
	}
	return words
}

// wordEnd is where the first of the separators stands that is neither in quotes nor behind a backslash.
func wordEnd(text, separators, quotes string) int {
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case strings.IndexByte(quotes, c) >= 0:
			quote = c
		case strings.IndexByte(separators, c) >= 0:
			return i
		}
	}
	return len(text)
}

// split cuts a text at a separator that is neither in double quotes nor behind a backslash. Parts are without blanks around
// them.
func split(text string, separator byte) []string {
	var parts []string
	for {
		end := wordEnd(text, string(separator), doubleQuotes)
		parts = append(parts, strings.Trim(text[:end], blanks))
		if end == len(text) {
			return parts
		}
		text = text[end+1:]
	}
}

// commas cuts a list at its commas, without empty parts.
func commas(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

// digits tells whether a text is a number without sign.
func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// word tells whether a text has only letters, digits and the further bytes.
func word(text, further string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte(further, c) < 0 {
			return false
		}
	}
	return text != ""
}
