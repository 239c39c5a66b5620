package frameworks_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/rules"
)

func parse(t *testing.T, text string) *frameworks.Check {
	t.Helper()
	c, err := frameworks.ParseCheck("sample.yaml", []byte(text), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestJudge(t *testing.T) {
	t.Parallel()
	c := parse(t, goodCheck+"applies: SELECT 1 FROM users\nneeds_rows: true\nmissing: Nobody is root.\n")
	root := rules.Row{"username": "root", "uid": int64(0)}
	toor := rules.Row{"username": "toor", "uid": int64(0)}
	one := []rules.Row{{"1": int64(1)}}
	for name, tt := range map[string]struct {
		answer frameworks.Answer
		want   frameworks.Judgement
	}{
		"pass": {frameworks.Answer{Rows: []rules.Row{root}, Applies: one}, frameworks.Judgement{Verdict: frameworks.Pass, Expected: "Only root."}},
		"fail": {frameworks.Answer{Rows: []rules.Row{root, toor}, Applies: one}, frameworks.Judgement{
			Verdict: frameworks.Fail, Message: "toor has id 0.", Expected: "Only root.", Failing: []rules.Blame{{Row: 1, Columns: []string{"username"}}}}},
		"passes with the tenant's parameters": {frameworks.Answer{Rows: []rules.Row{root, toor}, Applies: one, Params: map[string]any{"allowed": []any{"root", "toor"}}},
			frameworks.Judgement{Verdict: frameworks.Pass, Expected: "Only root, toor."}},
		"not applicable": {frameworks.Answer{Rows: []rules.Row{toor}}, frameworks.Judgement{Verdict: frameworks.NotApplicable, Message: "What the check is about does not exist on this machine."}},
		"failed on the machine": {frameworks.Answer{Rows: []rules.Row{root}, Applies: one, Err: errors.New("stopped at the 5s CPU limit")},
			frameworks.Judgement{Verdict: frameworks.Error, Message: "stopped at the 5s CPU limit"}},
		"no rows": {frameworks.Answer{Applies: one}, frameworks.Judgement{Verdict: frameworks.Error,
			Message: "The agent found nothing to judge: it may lack the privilege to read it, or the source is missing."}},
	} {
		if diff := cmp.Diff(tt.want, c.Judge(tt.answer)); diff != "" {
			t.Errorf("%s (- want, + got):\n%s", name, diff)
		}
	}
	wrong := c.Judge(frameworks.Answer{Rows: []rules.Row{root}, Applies: one, Params: map[string]any{"allowed": "root"}})
	if wrong.Verdict != frameworks.Error || !strings.Contains(wrong.Message, "parameter allowed") {
		t.Errorf("wrong parameters give %+v", wrong)
	}
}

func TestJudgeErrorsAreNoFailures(t *testing.T) {
	t.Parallel()
	c := parse(t, strings.Replace(goodCheck, "all(rows, .username in params.allowed)", "all(rows, .uid < 5)", 1))
	got := c.Judge(frameworks.Answer{Rows: []rules.Row{{"username": "x", "uid": nil}}})
	if got.Verdict != frameworks.Error || !strings.Contains(got.Message, "cannot be judged") {
		t.Errorf("got %+v", got)
	}
}

func TestFillFix(t *testing.T) {
	t.Parallel()
	l, err := frameworks.Load(files(goodCheck, goodFix, goodFramework), compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	c := l.Check("sample")
	answer := frameworks.Answer{Rows: []rules.Row{{"username": "root", "uid": int64(0)}, {"username": "toor", "uid": int64(0)}}}
	text, err := c.FillFix(l.Fix("sample"), answer, c.Judge(answer).Failing)
	if err != nil || text != "Remove toor." {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestScores(t *testing.T) {
	t.Parallel()
	both := files(goodCheck, goodFix, goodFramework)
	both["checks/linux/heavy.yaml"] = &fstest.MapFile{Data: []byte(strings.NewReplacer("check: sample", "check: heavy", "[A.1]", "[A.1, A.2]").Replace(goodCheck) + "weight: 3\n")}
	l, err := frameworks.Load(both, compilers(t))
	if err != nil {
		t.Fatal(err)
	}
	light, heavy := l.Check("sample"), l.Check("heavy")
	results := []frameworks.Result{
		{Check: light, Verdict: frameworks.Pass},
		{Check: heavy, Verdict: frameworks.Fail},
		{Check: heavy, Verdict: frameworks.Fail, Waived: true},
		{Check: heavy, Verdict: frameworks.Error},
		{Check: light, Verdict: frameworks.NotApplicable},
	}
	s := frameworks.ScoreOf(results)
	// 1 of 1+3 without the waived failure, 1 of 1+3+3 with it.
	if s.Percent != 25 || s.Strict < 14.28 || s.Strict > 14.29 || s.Passed != 1 || s.Failed != 1 || s.Waived != 1 || s.Errors != 1 || s.NotApplicable != 1 || !s.Judged {
		t.Errorf("got %+v", s)
	}
	f := frameworks.ScoreFramework(l, l.Framework("sample"), results)
	// A.1 (weight 3) has 25 %, A.2 (weight 1) has 0 %.
	if f.Percent != 18.75 || !f.Judged || f.Covered != 2 || len(f.Controls) != 2 || f.Controls[0].Checks != 2 || f.Controls[1].Checks != 1 {
		t.Errorf("got %+v", f)
	}
	if nothing := frameworks.ScoreFramework(l, l.Framework("sample"), results[3:]); nothing.Judged || nothing.Percent != 0 {
		t.Errorf("errors and what does not apply give %+v", nothing)
	}
}
