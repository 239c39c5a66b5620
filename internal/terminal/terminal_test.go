package terminal

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestEscapeShowsWhatWouldSteer(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain é 漢字":         "plain é 漢字",
		"a\x1b[31mred":       `a\x1b[31mred`,
		"line\nnext\ttab\r":  `line\nnext\ttab\r`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"c1 \u009b31m":       `c1 \u009b31m`,
		"\xff":               `\xff`,
		"sep\u2028arator":    `sep\u2028arator`,
		"back\\slash stays ": "back\\slash stays ",
	} {
		if got := Escape(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b]0;x\x07\u202e\xff")
	f.Fuzz(func(t *testing.T, text string) {
		if i := strings.IndexFunc(Escape(text), func(r rune) bool { return unicode.IsControl(r) || r == 0x202e }); i >= 0 {
			t.Errorf("%q still steers", text)
		}
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var before, after string
		if json.Unmarshal(quoted, &before) != nil || json.Unmarshal(AppendJSON(nil, quoted), &after) != nil || before != after {
			t.Errorf("JSON of %q changed its meaning", text)
		}
	})
}
