package shell

import "strings"

// split cuts SQL text at the semicolons that end statements, which are those outside of quotes and comments. It gives
// the whole statements and what follows the last of them; statements of nothing but space and comments are left out.
func split(text string) (statements []string, rest string) {
	start := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ';':
			if s := strings.TrimSpace(text[start:i]); !blank(s) {
				statements = append(statements, s)
			}
			i++
			start = i
		case c == '\'' || c == '"' || c == '`':
			i = skipPast(text, i+1, string(c)) // a doubled quote ends one quoted part and begins the next
		case c == '[':
			i = skipPast(text, i+1, "]")
		case strings.HasPrefix(text[i:], "--"):
			i = skipPast(text, i, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i = skipPast(text, i+2, "*/")
		default:
			i++
		}
	}
	return statements, text[start:]
}

// skipPast gives the position after the next end from i on, or that of the text's end.
func skipPast(text string, i int, end string) int {
	if n := strings.Index(text[i:], end); n >= 0 {
		return i + n + len(end)
	}
	return len(text)
}

// blank tells whether text holds nothing but space and comments.
func blank(text string) bool {
	for {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
			return true
		case strings.HasPrefix(text, "--"):
			text = text[skipPast(text, 0, "\n"):]
		case strings.HasPrefix(text, "/*"):
			text = text[skipPast(text, 2, "*/"):]
		default:
			return false
		}
	}
}
