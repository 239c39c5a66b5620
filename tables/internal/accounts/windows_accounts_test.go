package accounts

import "testing"

// The hostile cases of what the account database holds; tables/identity has whole databases.
func FuzzParseSAM(f *testing.F) {
	f.Add(make([]byte, 80), make([]byte, 0xCC+40))
	f.Add([]byte{}, []byte{0xFF})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if u, ok := parseSAMUser(a, b); ok && u.Name == "" {
			t.Error("an account without a name")
		}
		if g, ok := parseSAMGroup(b); ok && g.Name == "" {
			t.Error("a group without a name")
		}
	})
}
