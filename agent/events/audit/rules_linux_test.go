package audit

import (
	"bytes"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/elastic/go-libaudit/v2/auparse"
	"github.com/elastic/go-libaudit/v2/rule"
)

// TestRulesAreThoseOfTheLibrary compares with what go-libaudit, which the agent does not link for it, makes of the same rules.
func TestRulesAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	const self = 4321
	for _, calls := range [][]string{{"execve", "execveat"}, {"connect", "bind", "accept4"}} {
		for i, bits := range []string{"b64", "b32"} {
			want, err := rule.Build(&rule.SyscallRule{
				Type: rule.AppendSyscallRuleType, List: "exit", Action: "always", Syscalls: calls, Keys: []string{ruleKey},
				Filters: []rule.FilterSpec{
					{Type: rule.ValueFilterType, LHS: "arch", Comparator: "=", RHS: bits},
					{Type: rule.ValueFilterType, LHS: "pid", Comparator: "!=", RHS: strconv.Itoa(self)},
				},
			})
			if err != nil {
				t.Fatalf("the library: %v", err)
			}
			got, ok := buildRule(ruleArchitectures[runtime.GOARCH][i], self, calls...)
			if !ok || !bytes.Equal(got, want) {
				t.Errorf("%v of %s: got\n%x\nwant\n%x", calls, bits, got, want)
			}
		}
	}
	if _, ok := buildRule(ruleArchitectures["amd64"][0], self, "no_such_call"); ok {
		t.Error("a rule without a system call was made")
	}
}

// TestNamesOfSystemCalls compares with the library's, and holds that a rule's calls are known on each machine that agents run on.
func TestNamesOfSystemCalls(t *testing.T) {
	t.Parallel()
	for arch, names := range syscallNames() {
		for number, name := range auparse.AuditSyscalls[arch] {
			if number < 4096 && names[number] != name {
				t.Errorf("%s: %d is %q, want %q", arch, number, names[number], name)
			}
		}
	}
	for machine, list := range ruleArchitectures {
		for _, arch := range list {
			for _, call := range []string{"execve", "connect", "bind"} {
				if _, ok := syscallNumber(arch.name, call); !ok {
					t.Errorf("%s: %s has no %s", machine, arch.name, call)
				}
			}
		}
	}
	if got := slices.Sorted(func(yield func(string) bool) {
		for _, list := range syscallLists {
			if !yield(list.arch) {
				return
			}
		}
	}); !slices.Equal(got, []string{"aarch64", "arm", "i386", "x86_64"}) {
		t.Errorf("architectures are %v", got)
	}
}
