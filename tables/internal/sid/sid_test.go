package sid

import "testing"

func TestParse(t *testing.T) {
	t.Parallel()
	admins := []byte{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0, 0xFF}
	if id, n, ok := Parse(admins); !ok || id != "S-1-5-32-544" || n != 16 {
		t.Errorf("%q, %d, %v", id, n, ok)
	}
	if name, ok := Name("S-1-5-32-544"); !ok || name != "Administrators" {
		t.Errorf("name %q, %v", name, ok)
	}
	for _, bad := range [][]byte{nil, admins[:15], {1, 16, 0, 0, 0, 0, 0, 5}, {2, 0, 0, 0, 0, 0, 0, 5}} {
		if id, _, ok := Parse(bad); ok {
			t.Errorf("%v is %q", bad, id)
		}
	}
}

func TestRID(t *testing.T) {
	t.Parallel()
	if rid, ok := RID("S-1-5-21-1-2-3-1001"); !ok || rid != 1001 {
		t.Errorf("%d, %v", rid, ok)
	}
	for _, bad := range []string{"", "S-1-5-x", ".DEFAULT", "S-1-5-21-1_Classes", "S-1-5-99999999999"} {
		if rid, ok := RID(bad); ok {
			t.Errorf("%q has %d", bad, rid)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if id, n, ok := Parse(data); ok && (n > len(data) || id == "") {
			t.Errorf("%q takes %d of %d bytes", id, n, len(data))
		}
	})
}
