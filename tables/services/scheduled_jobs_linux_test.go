package services

import (
	"testing"
	"time"
)

func TestParseAtName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int64{"a0000101c43c1e": 0x1c43c1e * 60, "=0000201c43c1e": 0x1c43c1e * 60, ".SEQ": 0, "a0000z01c43c1e": 0, "": 0, "a0000101c43c1e0": 0} {
		at, ok := parseAtName(name)
		if ok != (want != 0) || ok && !at.Equal(time.Unix(want, 0)) {
			t.Errorf("%q is %v, %t", name, at, ok)
		}
	}
}

func TestParseAtOwner(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint32{
		"#!/bin/sh\n# atrun uid=1000 gid=1000\n": 1000, "#!/bin/sh\n# atrun uid=x gid=1\n": 0, "a\nb\nc\n# atrun uid=5 gid=1\n": 0, "": 0, "# atrun uid=99999999999 gid=1": 0,
	} {
		if uid, ok := parseAtOwner([]byte(text)); ok != (want != 0) || ok && uid != want {
			t.Errorf("%q: %d, %t", text, uid, ok)
		}
	}
}
