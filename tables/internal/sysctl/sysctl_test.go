package sysctl

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	want := map[string]string{"hw.model": "Mac14,2", "kern.version": "Darwin Kernel: a\nmore", "a.empty": ""}
	if diff := cmp.Diff(want, parse("nothing yet\nhw.model: Mac14,2\nkern.version: Darwin Kernel: a\nmore\na.empty:\n")); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("hw.model: Mac14,2\nkern.version: a\nb\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name := range parse(text) {
			if !isName(name) {
				t.Errorf("a parameter named %q", name)
			}
		}
	})
}
