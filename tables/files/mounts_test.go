package files

import (
	"strings"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestMounts(t *testing.T) { tabletest.Run(t, Mounts) }

func TestUnescapeMount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`/plain`:           "/plain",
		`/with\040blank`:   "/with blank",
		`\011\012\134\043`: "\t\n\\#",
		`\04`:              `\04`,
		`\400\999\`:        `\400\999\`,
		`\303\251`:         "é",
	} {
		if got := unescapeMount(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func FuzzParseMounts(f *testing.F) {
	f.Add([]byte("/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n"))
	f.Add([]byte(`a \040\04 b c`))
	f.Fuzz(func(t *testing.T, data []byte) {
		mounts := parseMounts(data)
		if len(mounts) > strings.Count(string(data), "\n")+1 {
			t.Errorf("%d mounts in %q", len(mounts), data)
		}
	})
}
