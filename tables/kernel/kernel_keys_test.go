package kernel

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestKernelKeys(t *testing.T) { tabletest.Run(t, KernelKeys) }

func TestParseKernelKey(t *testing.T) {
	t.Parallel()
	line := "3e2a1b00 I--Q---     4   4d 3f010000  1000    -1 user      krb ccache: primary: 12\n"
	want := kernelKey{"3e2a1b00", "I--Q---", 4, "4d", "3f010000", 1000, -1, "user", "krb ccache: primary: 12"}
	if got, ok := parseKernelKey(line); !ok || got != want {
		t.Errorf("%q is %+v, %t", line, got, ok)
	}
	for _, line := range []string{"", "3e2a1b00", "1 I x perm 3 0 0 user a: 1", "1 I 1 perm 3 root 0 user a: 1", "1 I 1 perm 3 0 0 user"} {
		if got, ok := parseKernelKey(line); ok {
			t.Errorf("%q is taken for %+v", line, got)
		}
	}
}

func FuzzParseKernelKey(f *testing.F) {
	f.Add("1958fd8c I------     1 perm 1f0b0000     0     0 keyring   .builtin_trusted_keys: empty\n")
	f.Fuzz(func(t *testing.T, line string) {
		if row, ok := parseKernelKey(line); ok && (row.Serial == "" || row.Type == "" || row.Description == "") {
			t.Errorf("%q became %+v", line, row)
		}
	})
}
