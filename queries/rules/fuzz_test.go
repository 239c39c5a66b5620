package rules_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tenantra/tenantra/queries/rules"
)

// FuzzCompile: any text is refused with a position, or runs to its end within the budget.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`len(rows) > 0 and all(rows, .owner in params.allowed)`, `any(rows, any(rows, .size == 1))`, `let a = rows; a == a`,
		`rows | filter(.size > 1) | map(.path) | first() matches "x"`, `{"a": 1}.a == 1`, `rows[0]?.path ?? "" != ""`,
		`(1..10)[2:5] == [3,4,5]`, `bitshl(1, 63) == 0`, `true ? false : true`, `if true { true } else { false }`, "$env", "((((",
		`all(groupBy(rows, .owner)["root"], .size > 0)`, `max([1,[2,3]]) == 3`, `"a" .. "b"`, `2 ** 1024 > 1`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		p, err := rules.Compile(source, env)
		if err != nil {
			return
		}
		start := time.Now()
		_, _ = p.Eval(input())
		_, _ = p.Blame(input())
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q ran for %v", source, took)
		}
	})
}

// FuzzMessage: any text is refused, or gives text of bounded length.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{"{{ rows[0].path }}", "{{", "}}", "{{ params.allowed[0] }} {{count}}", "{{ rows[0].path }", "{{.}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		m, err := rules.ParseMessage(source, env)
		if err != nil {
			return
		}
		if got := m.Fill(input(), rows[:1]); len(got) > 32<<10 || utf8.ValidString(source) && !utf8.ValidString(got) {
			t.Errorf("%q gives %d bytes", source, len(got))
		}
	})
}
