package frameworks_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

var documentedFile = regexp.MustCompile("(?ms)^```yaml (\\S+)\n(.*?)^```$")

// The worked examples of the guides load, judge and score as the text says.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	var text []byte
	for _, guide := range []string{"write-a-check", "write-a-framework"} {
		page, err := os.ReadFile("../docs/howto/" + guide + ".md")
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, page...)
	}
	files := fstest.MapFS{}
	err := fs.WalkDir(frameworks.Embedded(), "catalogues", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(frameworks.Embedded(), file)
		files[file] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var ours string
	for _, block := range documentedFile.FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(block[1], "frameworks/") {
			ours = block[2]
			continue
		}
		files[block[1]] = &fstest.MapFile{Data: []byte(block[2])}
	}
	byPlatform := compilers(t)
	l, err := frameworks.Load(files, byPlatform)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Checks()) != 3 || len(l.Templates()) != 1 {
		t.Fatalf("the text has %d checks", len(l.Checks()))
	}
	framework, err := frameworks.ParseFramework("ours.yaml", []byte(ours))
	if err != nil {
		t.Fatal(err)
	}
	if err := framework.Verify(l); err != nil {
		t.Fatal(err)
	}
	if tables.BuildPlatform() != tables.Linux {
		return // the machines are made with the modes of Linux
	}
	verdicts := func(motd string) []frameworks.Result {
		machine := t.TempDir()
		v := variables{}
		v.machine(t, familyCase{Files: map[string]string{"/etc/motd": motd, "/etc/hosts": "127.0.0.1 localhost\n"}}, machine+"/root")
		var results []frameworks.Result
		for _, c := range l.Checks() {
			answer := askOn(t, c, byPlatform[tables.Linux], tabletest.NewHostOn(t, machine, tables.Linux), nil)
			results = append(results, frameworks.Result{Check: c, Verdict: c.Judge(answer).Verdict})
		}
		return results
	}
	for motd, want := range map[string][3]frameworks.Verdict{
		"Hello.\n":                  {frameworks.Pass, frameworks.Pass, frameworks.NotApplicable},
		strings.Repeat("long ", 50): {frameworks.Fail, frameworks.Pass, frameworks.NotApplicable},
	} {
		results := verdicts(motd)
		for i, r := range results {
			if r.Verdict != want[i] {
				t.Errorf("%.10q: %s is %s, want %s", motd, r.Check.ID, r.Verdict, want[i])
			}
		}
		score := frameworks.ScoreFramework(l, framework, results)
		percent := 100.0
		if want[0] == frameworks.Fail {
			percent = 100.0 / 3 // H1 (weight 2) 0 %, H2 (weight 1) 100 %, H3 not judged
		}
		if score.Percent < percent-0.01 || score.Percent > percent+0.01 || score.Covered != 2 {
			t.Errorf("%.10q: the score is %+v, want %.1f", motd, score, percent)
		}
	}
}
