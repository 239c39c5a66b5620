package textdiff

import (
	"strings"
	"testing"
)

func TestLinesAreFewAndComplete(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after, want string }{
		"nothing":        {"", "", ""},
		"all new":        {"", "a\nb\n", "+a +b"},
		"all gone":       {"a\nb", "", "-a -b"},
		"the same":       {"a\nb\n", "a\nb\n", " a  b"},
		"one in between": {"a\nb\nc\n", "a\nx\nc\n", " a -b +x  c"},
		"moved":          {"a\nb\nc\nd\n", "a\nc\nb\nd\n", " a -b  c +b  d"},
		"inserted":       {"a\nd\n", "a\nb\nc\nd\n", " a +b +c  d"},
	} {
		var got []string
		for _, l := range Lines(test.before, test.after) {
			got = append(got, string(l.Op)+l.Text)
		}
		if joined := strings.Join(got, " "); joined != test.want {
			t.Errorf("%s: %q, want %q", name, joined, test.want)
		}
	}
}

// Texts too long for the table are still told truly.
func TestLongTextsAreReplaced(t *testing.T) {
	t.Parallel()
	lines := Lines("same\n"+strings.Repeat("a\n", 4000), "same\n"+strings.Repeat("b\n", 4000))
	if got := Changed(lines); len(lines) != 8001 || len(got) != 8000 || got[0] != (Line{Removed, "a"}) || got[7999] != (Line{Added, "b"}) {
		t.Errorf("%d lines, %d changed", len(lines), len(Changed(lines)))
	}
}

// FuzzLines holds that both texts can be read back from what was told.
func FuzzLines(f *testing.F) {
	f.Add("a\nb\n", "b\na\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		var a, b []string
		for _, l := range Lines(before, after) {
			if l.Op != Added {
				a = append(a, l.Text)
			}
			if l.Op != Removed {
				b = append(b, l.Text)
			}
		}
		if strings.Join(a, "\n") != strings.Join(split(before), "\n") || strings.Join(b, "\n") != strings.Join(split(after), "\n") {
			t.Errorf("%q to %q is told as %q to %q", before, after, a, b)
		}
	})
}
