package plaintext

import "testing"

func TestTextAndLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ text, line bool }{
		"": {true, true}, "a name, é 日本": {true, true}, "two\nlines": {true, false}, "a\ttab": {true, false}, "\x1b[31m": {true, false}, "\x7f": {true, false},
		"a\x00b": {false, false}, "\xff": {false, false},
	} {
		if IsText(text) != want.text || IsLine(text) != want.line {
			t.Errorf("%q: text %v, line %v", text, IsText(text), IsLine(text))
		}
	}
}
