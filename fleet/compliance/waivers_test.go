package compliance_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/compliance"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/frameworks"
)

// state gives the state of the one finding of a check on an agent.
func (e *endpoint) state(check string) findings.State {
	e.fleet.t.Helper()
	found := e.fleet.list(findings.Filter{Check: check, Agent: e.ID})
	if len(found) != 1 {
		e.fleet.t.Fatalf("there are %d findings", len(found))
	}
	return found[0].State
}

// approver is another person of the tenant.
func (f *fleet) approver() access.Scope {
	second := f.scope
	second.Actor.ID, second.Actor.Name = uuid.MustParse("01977000-0000-7000-8000-0000000000aa"), "second@acme"
	return second
}

// waive asks for a waiver and has another person approve it.
func (f *fleet) waive(w compliance.Waiver) *compliance.Waiver {
	f.t.Helper()
	asked := f.ask(w)
	made, err := f.service.ApproveWaiver(f.t.Context(), f.approver(), asked.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	return made
}

func (f *fleet) ask(w compliance.Waiver) *compliance.Waiver {
	f.t.Helper()
	if w.Expires.IsZero() {
		w.Expires = time.Now().Add(time.Hour)
	}
	asked, err := f.service.RequestWaiver(f.t.Context(), f.scope, w)
	if err != nil {
		f.t.Fatal(err)
	}
	return asked
}

// Nothing is accepted before another person has approved it, however the one who asked tries.
func TestWaiverNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/evil"))
	w := f.ask(compliance.Waiver{Check: "only-root", Reason: "until the move"})
	if w.State(time.Now()) != compliance.WaiverRequested || w.Requester != "admin@acme" || w.Approver != "" || e.state("only-root") != findings.Open {
		t.Errorf("%+v, the finding is %s", w, e.state("only-root"))
	}
	another := uuid.MustParse("01977000-0000-7000-8000-0000000000bb")
	for name, actor := range map[string]access.Actor{
		"oneself":                        f.scope.Actor,
		"one's own token":                {Kind: access.KindToken, ID: another, Name: "ci", OnBehalf: f.scope.Actor.ID},
		"somebody who acts as one":       {Kind: access.KindUser, ID: another, Name: "msp", OnBehalf: f.scope.Actor.ID},
		"oneself who acts as some other": {Kind: access.KindUser, ID: f.scope.Actor.ID, Name: "x", OnBehalf: another},
	} {
		scope := f.scope
		scope.Actor = actor
		if _, err := f.service.ApproveWaiver(t.Context(), scope, w.ID); fault.CodeOf(err) != fault.Forbidden || !strings.Contains(err.Error(), "another person") {
			t.Errorf("%s approves: %v", name, err)
		}
	}
	if _, err := f.service.ApproveWaiver(t.Context(), pgtest.Tenant(t, f.db, "other"), w.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant approves: %v", err)
	}
	if e.state("only-root") != findings.Open {
		t.Fatal("what nobody approved is accepted")
	}
	approved, err := f.service.ApproveWaiver(t.Context(), f.approver(), w.ID)
	if err != nil || approved.Approver != "second@acme" || approved.State(time.Now()) != compliance.WaiverHolds || e.state("only-root") != findings.Waived {
		t.Errorf("%+v, %v, the finding is %s", approved, err, e.state("only-root"))
	}
	if _, err := f.service.ApproveWaiver(t.Context(), f.approver(), w.ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("approved twice: %v", err)
	}
	// The database holds it too, should code ever forget.
	err = f.db.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE waivers SET approver_id = requesters[1] WHERE id = $1`, w.ID)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "waivers_by_two") {
		t.Errorf("the database takes a waiver of one person: %v", err)
	}
}

func TestRefusedWaiverAcceptsNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/evil"))
	w := f.ask(compliance.Waiver{Check: "only-root", Reason: "please"})
	refused, err := f.service.EndWaiver(t.Context(), f.approver(), w.ID, "no: fix it")
	if err != nil || refused.State(time.Now()) != compliance.WaiverRefused || refused.EndReason != "no: fix it" || refused.EndedBy != "second@acme" {
		t.Errorf("%+v, %v", refused, err)
	}
	if _, err := f.service.ApproveWaiver(t.Context(), f.approver(), w.ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a refused waiver is approved: %v", err)
	}
	e.shells(user(0, "/bin/evil"), user(1, "/bin/sh"))
	if e.state("only-root") != findings.Open {
		t.Errorf("the finding is %s", e.state("only-root"))
	}
}

// A waiver holds in its tenant and the tenants below, and nowhere beside.
func TestWaiverHoldsInItsSubtree(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	above := f.scope
	below, beside := pgtest.Tenant(t, f.db, "site", above.Tenant), pgtest.Tenant(t, f.db, "beside")
	states := func(want ...findings.State) {
		t.Helper()
		for i, scope := range []access.Scope{above, below, beside} {
			f.scope = scope
			found := f.list(findings.Filter{Check: "only-root"})
			if len(found) != 1 || found[0].State != want[i] {
				t.Errorf("in tenant %d: %+v, want %s", i, found, want[i])
			}
		}
		f.scope = above
	}
	for _, scope := range []access.Scope{above, below, beside} {
		f.scope = scope
		f.in(scope, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := rows.EnsureCollections(ctx, tx, f.service.Collections())
			return err
		})
		f.enroll("web").shells(user(0, "/bin/evil"))
	}
	f.scope = above
	w := f.waive(compliance.Waiver{Check: "only-root", Reason: "x"})
	states(findings.Waived, findings.Waived, findings.Open)
	if _, err := f.service.EndWaiver(t.Context(), below, w.ID, ""); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a tenant ends its parent's waiver: %v", err)
	}
	if _, err := f.service.EndWaiver(t.Context(), above, w.ID, ""); err != nil {
		t.Fatal(err)
	}
	states(findings.Open, findings.Open, findings.Open)
}

// What was waived when is in the history, and in the verdicts as of then.
func TestHistoryShowsWaivers(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/bash"))
	e.shells(user(0, "/bin/evil"))
	w := f.waive(compliance.Waiver{Check: "only-root", Reason: "until the move"})
	if _, err := f.service.EndWaiver(t.Context(), f.approver(), w.ID, ""); err != nil {
		t.Fatal(err)
	}
	e.shells(user(0, "/bin/bash"))
	past, err := f.service.History(t.Context(), f.scope, e.ID, "only-root")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, p := range past {
		got = append(got, string(p.Verdict))
		if i > 0 && !p.Until.Equal(past[i-1].Since) {
			t.Errorf("%s ends at %s, the next begins at %s", p.Verdict, p.Until, past[i-1].Since)
		}
		then := f.verdicts(compliance.Filter{At: p.Since})
		if len(then) != 1 || then[0].Verdict != string(p.Verdict) {
			t.Errorf("as of %s there is %v, want %s", p.Since, then, p.Verdict)
		}
		if only := f.verdicts(compliance.Filter{At: p.Since, Verdict: p.Verdict}); len(only) != 1 {
			t.Errorf("a filter by %s as of then gives %v", p.Verdict, only)
		}
	}
	if diff := cmp.Diff([]string{"pass", "fail", "waived", "fail", "pass"}, got); diff != "" {
		t.Fatal(diff)
	}
	if want := "until the move (asked for by admin@acme, approved by second@acme, until "; !strings.HasPrefix(past[2].Reason, want) || !past[0].Until.IsZero() {
		t.Errorf("%+v", past)
	}
	if _, err := f.service.History(t.Context(), pgtest.Tenant(t, f.db, "other"), e.ID, "only-root"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant reads the history: %v", err)
	}
}

// A waiver turns what fails to waived, now and when it is judged later, and gives it back when it ends.
func TestWaiver(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	one, two := f.enroll("web-1"), f.enroll("web-2")
	one.shells(user(0, "/bin/evil"))
	w := f.waive(compliance.Waiver{Check: "only-root", AgentID: one.ID, Reason: "until the move"})
	two.shells(user(0, "/bin/evil"))
	if one.state("only-root") != findings.Waived || two.state("only-root") != findings.Open {
		t.Errorf("states %s, %s", one.state("only-root"), two.state("only-root"))
	}
	_, past, err := f.findings.Get(t.Context(), f.scope, f.list(findings.Filter{Agent: one.ID})[0].ID)
	if err != nil || past[0].State != findings.Waived || !strings.HasPrefix(past[0].Reason, "until the move (") {
		t.Errorf("history %+v, %v", past, err)
	}
	all := f.waive(compliance.Waiver{Check: "only-root", Reason: "all of them"})
	if two.state("only-root") != findings.Waived {
		t.Errorf("a waiver of all agents leaves the second %s", two.state("only-root"))
	}
	three := f.enroll("web-3") // fails for the first time under a waiver
	three.shells(user(0, "/bin/evil"))
	if three.state("only-root") != findings.Waived {
		t.Errorf("what fails under a waiver is %s", three.state("only-root"))
	}
	if _, err := f.service.EndWaiver(t.Context(), f.scope, all.ID, ""); err != nil {
		t.Fatal(err)
	}
	if one.state("only-root") != findings.Waived || two.state("only-root") != findings.Open || three.state("only-root") != findings.Open {
		t.Errorf("after the end: %s, %s, %s", one.state("only-root"), two.state("only-root"), three.state("only-root"))
	}
	if _, err := f.service.EndWaiver(t.Context(), f.scope, all.ID, ""); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a waiver ends twice: %v", err)
	}
	open, err := f.service.Waivers(t.Context(), f.scope, true, uuid.Max, 10)
	if err != nil || len(open) != 1 || open[0].ID != w.ID || open[0].Hostname != "web-1" {
		t.Errorf("open waivers %+v, %v", open, err)
	}
	if ended, err := f.service.Waivers(t.Context(), f.scope, false, uuid.Max, 10); err != nil || len(ended) != 2 {
		t.Errorf("all waivers %+v, %v", ended, err)
	}
}

func TestWaiverExpires(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/evil"))
	w := f.waive(compliance.Waiver{Check: "only-root", Reason: "soon over"})
	if e.state("only-root") != findings.Waived {
		t.Fatal("not waived")
	}
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE waivers SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' WHERE id = $1`, w.ID)
		return err
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- f.service.Upkeep(ctx, compliance.UpkeepConfig{Lapse: time.Millisecond, Keep: time.Millisecond, Tenants: func(context.Context) ([]int32, error) { return []int32{f.scope.Tenant}, nil }})
	}()
	for deadline := time.Now().Add(10 * time.Second); e.state("only-root") != findings.Open; {
		if time.Now().After(deadline) {
			t.Fatal("an expired waiver still holds")
		}
	}
	var days []compliance.Day
	for deadline := time.Now().Add(10 * time.Second); len(days) == 0; {
		var err error
		if days, err = f.service.Trend(t.Context(), f.scope, "", 7); err != nil || time.Now().After(deadline) {
			t.Fatalf("no trend is kept: %v", err)
		}
	}
	cancel()
	<-ended
	if len(days) != 1 || days[0].Failed+days[0].Waived != 1 {
		t.Errorf("the trend is %+v", days)
	}
	all, err := f.service.Waivers(t.Context(), f.scope, false, uuid.Max, 10)
	if err != nil || len(all) != 1 || all[0].EndedBy != "expired" || all[0].State(time.Now()) != compliance.WaiverEnded {
		t.Errorf("%+v %v", all[0], err)
	}
}

func TestWaiverRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	other := pgtest.Tenant(t, f.db, "other")
	e := f.enroll("web-1")
	soon := time.Now().Add(time.Hour)
	for _, c := range []struct {
		scope access.Scope
		w     compliance.Waiver
		want  fault.Code
		text  string
	}{
		{f.scope, compliance.Waiver{Check: "nope", Reason: "x", Expires: soon}, fault.Invalid, "there is no check"},
		{f.scope, compliance.Waiver{Check: "only-root", Reason: "x", Expires: time.Now()}, fault.Invalid, "in the future"},
		{f.scope, compliance.Waiver{Check: "only-root", Reason: "x", Expires: time.Now().AddDate(3, 0, 0)}, fault.Invalid, "within two years"},
		{f.scope, compliance.Waiver{Check: "only-root", Reason: "x", AgentID: e.ID, Tag: "lab", Expires: soon}, fault.Invalid, "one agent or of a tag"},
		{other, compliance.Waiver{Check: "only-root", Reason: "x", AgentID: e.ID, Expires: soon}, fault.NotFound, "no such agent"},
	} {
		_, err := f.service.RequestWaiver(t.Context(), c.scope, c.w)
		if fault.CodeOf(err) != c.want || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: %v", c.w, err)
		}
	}
	w := f.waive(compliance.Waiver{Check: "only-root", Reason: "x"})
	if _, err := f.service.EndWaiver(t.Context(), other, w.ID, ""); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant ends a waiver: %v", err)
	}
	if seen, err := f.service.Waivers(t.Context(), other, false, uuid.Max, 10); err != nil || len(seen) != 0 {
		t.Errorf("another tenant sees %v, %v", seen, err)
	}
}

// What a tenant says holds for those below, and the nearest counts.
func TestParamsAreInherited(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/zsh"))
	if e.state("only-root") != findings.Open {
		t.Fatal("zsh passes by default")
	}
	top := access.System(postgres.RootTenant, "test")
	top.Role = access.SuperAdmin
	if err := f.service.SetParams(t.Context(), top, "only-root", map[string]any{"shells": []any{"/bin/bash", "/bin/zsh"}}); err != nil {
		t.Fatal(err)
	}
	f.judge()
	if e.state("only-root") != findings.Resolved {
		t.Errorf("the value of the tenant above does not hold: %s", e.state("only-root"))
	}
	p, err := f.service.Params(t.Context(), f.scope, "only-root")
	if err != nil || p.From == uuid.Nil || p.From == f.scope.TenantID {
		t.Errorf("%+v, %v", p, err)
	}
	if err := f.service.SetParams(t.Context(), f.scope, "only-root", map[string]any{"shells": []any{"/bin/fish"}}); err != nil {
		t.Fatal(err)
	}
	f.judge()
	if e.state("only-root") != findings.Open {
		t.Errorf("the nearest value does not count: %s", e.state("only-root"))
	}
	if err := f.service.ClearParams(t.Context(), f.scope, "only-root"); err != nil {
		t.Fatal(err)
	}
	f.judge()
	if e.state("only-root") != findings.Resolved {
		t.Errorf("after it was taken back: %s", e.state("only-root"))
	}
	for _, c := range []struct {
		check  string
		params map[string]any
		want   fault.Code
	}{
		{"only-root", map[string]any{"shell": "x"}, fault.Invalid}, {"only-root", map[string]any{"shells": 1}, fault.Invalid}, {"nope", nil, fault.NotFound},
	} {
		if err := f.service.SetParams(t.Context(), f.scope, c.check, c.params); fault.CodeOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := f.service.ClearParams(t.Context(), f.scope, "only-root"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("values that are not there are taken back: %v", err)
	}
}

func TestScoresAndFrameworks(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck, sshCheck) // weights 5 and 1
	one, two := f.enroll("web-1"), f.enroll("web-2")
	one.shells(user(0, "/bin/bash"))
	two.shells(user(0, "/bin/evil"))
	overall, byFramework, err := f.service.Scores(t.Context(), f.scope)
	if err != nil || overall.Percent != 50 || len(byFramework) != 1 || byFramework[0].Score.Percent != 50 || byFramework[0].Judged != 1 || byFramework[0].Met != 0 {
		t.Errorf("%+v %+v %v", overall, byFramework, err)
	}
	w := f.waive(compliance.Waiver{Check: "only-root", Reason: "x"})
	if overall, _, err = f.service.Scores(t.Context(), f.scope); err != nil || overall.Percent != 100 || overall.Strict != 50 || overall.Waived != 1 {
		t.Errorf("with a waiver %+v, %v", overall, err)
	}
	if _, err := f.service.EndWaiver(t.Context(), f.scope, w.ID, ""); err != nil {
		t.Fatal(err)
	}
	what, err := f.service.WhatIf(t.Context(), f.scope, "sample", []string{"only-root"})
	if err != nil || *what != (compliance.WhatIf{Before: 50, After: 100}) {
		t.Errorf("%+v, %v", what, err)
	}
	gains, err := f.service.Gains(t.Context(), f.scope, "", 10)
	if err != nil || len(gains) != 1 || gains[0].Gain != 50 || gains[0].Agents != 1 || gains[0].Cumulative != 100 {
		t.Errorf("%+v, %v", gains, err)
	}
	assets, err := f.service.Assets(t.Context(), f.scope, 0, 0, 10)
	if err != nil || len(assets) != 2 || assets[0].Score.Percent != 100 || assets[1].Score.Percent != 0 || !assets[1].Score.Judged {
		t.Errorf("%+v, %v", assets, err)
	}
	tenants, err := f.service.Tenants(t.Context(), f.scope)
	if err != nil || len(tenants) != 1 || tenants[0].Agents != 2 || tenants[0].Score.Percent != 50 {
		t.Errorf("%+v, %v", tenants, err)
	}

	// Export, edit, put back: the tenant's own takes the place of the product's, for it alone.
	text, err := f.service.Export(t.Context(), f.scope, "sample", "yaml")
	if err != nil || !strings.Contains(string(text), "checks: [only-root]") {
		t.Fatalf("%s %v", text, err)
	}
	edited := strings.Replace(strings.Replace(string(text), "title: S", "title: Ours", 1), "[only-root]", "[ssh]", 1)
	preview, err := f.service.PreviewFramework(t.Context(), f.scope, "sample", edited+"- {id: B.1, title: New}\n")
	if err != nil || len(preview.Mistakes) > 0 || !cmp.Equal(preview.Difference, frameworks.Difference{Added: []string{"B.1"}, Changed: []string{"A.1"}}) || preview.Coverage.Covered() != 1 {
		t.Errorf("the preview is %+v, %v", preview, err)
	}
	preview, err = f.service.PreviewFramework(t.Context(), f.scope, "sample", strings.Replace(edited, "[ssh]", "[nope, nor]", 1))
	if err != nil || len(preview.Mistakes) != 2 || preview.Mistakes[0].Line < 5 || !strings.Contains(preview.Mistakes[0].Message, "there is no check") {
		t.Errorf("the mistakes are %+v, %v", preview, err)
	}
	if err := f.service.PutFramework(t.Context(), f.scope, "sample", edited); err != nil {
		t.Fatal(err)
	}
	mine, err := f.service.Framework(t.Context(), f.scope, "sample")
	if err != nil || mine.Framework.Title != "Ours" || mine.OwnerID != f.scope.TenantID || mine.Judged != 0 {
		t.Errorf("%+v, %v", mine, err)
	}
	other := pgtest.Tenant(t, f.db, "other")
	if theirs, err := f.service.Framework(t.Context(), other, "sample"); err != nil || theirs.Framework.Title != "S" {
		t.Errorf("another tenant has %+v, %v", theirs, err)
	}
	for _, bad := range []string{strings.Replace(edited, "[ssh]", "[nope]", 1), "framework: sample\n", strings.Replace(edited, "framework: sample", "framework: else", 1), "{"} {
		if err := f.service.PutFramework(t.Context(), f.scope, "sample", bad); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := f.service.DeleteFramework(t.Context(), f.scope, "sample"); err != nil {
		t.Fatal(err)
	}
	if back, err := f.service.Framework(t.Context(), f.scope, "sample"); err != nil || back.Framework.Title != "S" {
		t.Errorf("%+v, %v", back, err)
	}
	if err := f.service.DeleteFramework(t.Context(), f.scope, "sample"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the product's framework is removed: %v", err)
	}
	if diff := cmp.Diff([]string{"sample"}, frameworksOf(t, f)); diff != "" {
		t.Error(diff)
	}
}

func frameworksOf(t *testing.T, f *fleet) []string {
	t.Helper()
	_, byFramework, err := f.service.Scores(t.Context(), f.scope)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range byFramework {
		ids = append(ids, s.Framework.ID)
	}
	return ids
}

// S9: a framework, parameters and waivers are one's own or inherited, never a sibling's.
func TestS9NoSiblingsOverride(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	parent := f.scope
	mine, sibling := pgtest.Tenant(t, f.db, "mine", parent.Tenant), pgtest.Tenant(t, f.db, "sibling", parent.Tenant)
	titled := func(title string) string {
		return "framework: sample\ntitle: " + title + "\nsource: us\nlicence: ours\ncontrols: [{id: A.1}]\n"
	}
	title := func(scope access.Scope) string {
		t.Helper()
		got, err := f.service.Framework(t.Context(), scope, "sample")
		if err != nil {
			t.Fatal(err)
		}
		return got.Framework.Title
	}
	shell := func(scope access.Scope) any {
		t.Helper()
		got, err := f.service.Params(t.Context(), scope, "only-root")
		if err != nil {
			t.Fatal(err)
		}
		return got.Now["shells"].([]any)[0]
	}
	put := func(scope access.Scope, name string) {
		t.Helper()
		if err := f.service.PutFramework(t.Context(), scope, "sample", titled(name)); err != nil {
			t.Fatal(err)
		}
		if err := f.service.SetParams(t.Context(), scope, "only-root", map[string]any{"shells": []any{name}}); err != nil {
			t.Fatal(err)
		}
	}
	put(sibling, "theirs")
	if title(mine) != "S" || shell(mine) != "/bin/bash" {
		t.Errorf("a sibling's holds: %s, %v", title(mine), shell(mine))
	}
	put(parent, "above")
	if title(mine) != "above" || shell(mine) != "above" || title(sibling) != "theirs" || shell(sibling) != "theirs" {
		t.Errorf("inherited %s, %v; the sibling has %s, %v", title(mine), shell(mine), title(sibling), shell(sibling))
	}
	put(mine, "ours")
	if title(mine) != "ours" || shell(mine) != "ours" || title(parent) != "above" || title(sibling) != "theirs" {
		t.Errorf("own %s, %v; above %s; the sibling %s", title(mine), shell(mine), title(parent), title(sibling))
	}
	if err := f.service.DeleteFramework(t.Context(), mine, "sample"); err != nil || title(mine) != "above" {
		t.Errorf("after one's own was removed: %s, %v", title(mine), err)
	}
}

// The trend of several tenants weighs each by its verdicts: a site of two machines does not stand for one of two hundred.
func TestTrendOfASubtree(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	site := pgtest.Tenant(t, f.db, "site", f.scope.Tenant)
	for scope, day := range map[*access.Scope]compliance.Day{&f.scope: {Percent: 90, Strict: 80, Passed: 270, Failed: 30}, &site: {Percent: 10, Strict: 0, Passed: 10, Failed: 90}} {
		f.in(*scope, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO compliance_scores VALUES ($1, '', $2::date, $3, $4, $5, $6, 0, 0)`, tx.Scope.Tenant, tx.Now, day.Percent, day.Strict, day.Passed, day.Failed)
			return err
		})
	}
	both := f.scope
	both.Visible = []int32{f.scope.Tenant, site.Tenant}
	days, err := f.service.Trend(t.Context(), both, "", 7)
	if err != nil || len(days) != 1 || days[0].Percent != 70 || days[0].Strict != 60 || days[0].Passed != 280 || days[0].Failed != 120 {
		t.Errorf("%+v, %v", days, err)
	}
}
