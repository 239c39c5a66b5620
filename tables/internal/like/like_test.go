package like

import (
	"strings"
	"testing"
)

func TestMatchLike(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"%", "", true},
		{"%", "anything", true},
		{"%%", ".hidden", true},
		{"%.conf", "a.conf", true},
		{"%.CONF", "a.conf", true},
		{"%.conf", "a.conf.bak", false},
		{"a%b%c", "axxbyyc", true},
		{"a%b%c", "axxbyy", false},
		{"_", "é", true},
		{"_", "ab", false},
		{"__", "a", false},
		{"a_c", "abc", true},
		{"%a%a%a", "aaa", true},
		{"abc", "ABC", true},
		{"é", "É", false}, // only letters of ASCII lose their case
		{"", "", true},
		{"", "a", false},
		{"\xff%", "\xff\xfe", true},
	} {
		if got := Match(test.pattern, test.name); got != test.want {
			t.Errorf("%q LIKE %q is %v", test.name, test.pattern, got)
		}
	}
}

// A pattern made to backtrack ends in time that grows with the product of the lengths.
func TestMatchLikeIsNotExponential(t *testing.T) {
	t.Parallel()
	if Match(strings.Repeat("%a", 500)+"b", strings.Repeat("a", 5000)) {
		t.Error("matched")
	}
}

func FuzzMatchLike(f *testing.F) {
	f.Add("%.conf", "a.conf")
	f.Add("_%_", "\xff\xfe")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 1000 || len(name) > 1000 {
			return
		}
		if !Match("%"+name+"%", name) && !strings.ContainsAny(name, "%_") {
			t.Errorf("%q does not match itself", name)
		}
		Match(pattern, name)
	})
}
