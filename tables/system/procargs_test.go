package system

import (
	"bytes"
	"testing"
)

func TestEnvironmentOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ block, want string }{
		"whole":               {"\x02\x00\x00\x00/bin/sh\x00\x00\x00\x00sh\x00-i\x00HOME=/\x00A=\x00\x00executable_path=/bin/sh\x00", "HOME=/\x00A=\x00"},
		"no argument":         {"\x00\x00\x00\x00/bin/sh\x00\x00HOME=/\x00\x00", "HOME=/\x00"},
		"an empty argument":   {"\x02\x00\x00\x00/bin/sh\x00\x00sh\x00\x00HOME=/\x00\x00", "HOME=/\x00"},
		"no variable":         {"\x01\x00\x00\x00/bin/sh\x00\x00sh\x00\x00executable_path=/bin/sh\x00", ""},
		"cut in the variable": {"\x01\x00\x00\x00/bin/sh\x00\x00sh\x00HOME=", "HOME="},
		"cut in an argument":  {"\x03\x00\x00\x00/bin/sh\x00\x00sh\x00-", ""},
		"cut in the path":     {"\x01\x00\x00\x00/bin", ""},
		"cut in the count":    {"\x01\x00", ""},
		"a huge count":        {"\xff\xff\xff\xff/bin/sh\x00\x00sh\x00HOME=/\x00\x00", ""},
		"nothing":             {"", ""},
	} {
		if got := environmentOf([]byte(c.block)); string(got) != c.want {
			t.Errorf("%s: %q, wanted %q", name, got, c.want)
		}
	}
}

func FuzzEnvironmentOf(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00/bin/sh\x00\x00\x00\x00sh\x00-i\x00HOME=/\x00A=\x00\x00executable_path=/bin/sh\x00"))
	f.Fuzz(func(t *testing.T, block []byte) {
		if got := environmentOf(block); !bytes.Contains(block, got) || bytes.Contains(got, []byte{0, 0}) {
			t.Errorf("%q of %q", got, block)
		}
	})
}
