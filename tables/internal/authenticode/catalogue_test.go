package authenticode

import (
	"bytes"
	"crypto/sha1" // #nosec G505 -- catalogues of older systems name files so
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/tenantra/tenantra/tables/internal/authenticode/cattest"
)

// unsigned is the program of signed without its signature, of a length that is no multiple of 8.
func unsigned(tb testing.TB) []byte {
	data := signed(tb)
	const entry = 0x98 + 112 + 8*4
	at := int(data[entry]) | int(data[entry+1])<<8 | int(data[entry+2])<<16
	clear(data[entry : entry+8])
	return append(data[:at:at], "abc"...)
}

func catalogue(tb testing.TB, members ...cattest.Member) []byte {
	tb.Helper()
	signer, err := cattest.NewSigner("Contoso Windows")
	if err != nil {
		tb.Fatal(err)
	}
	der, err := signer.Catalogue(members...)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	data := unsigned(t)
	digests, err := FileDigests(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	strong, old := digests[0], digests[1]
	other := sha256.Sum256([]byte("other"))
	for name, member := range map[string]cattest.Member{
		"by SHA-256":              {Identifier: strong},
		"by SHA-1":                {Identifier: old},
		"by digits":               {Identifier: cattest.Digits(old)},
		"by digits of SHA-256":    {Identifier: cattest.Digits(strong)},
		"by attribute":            {Identifier: []byte("a name"), Digest: strong},
		"by attribute with SHA-1": {Identifier: []byte("a name"), Digest: old},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			der := catalogue(t, cattest.Member{Identifier: other[:]}, member)
			s, err := ReadCatalogue(der)
			if err != nil || s.Intact != nil || s.Signer.Subject.CommonName != "Contoso Windows" {
				t.Fatalf("%+v %v", s, err)
			}
			var found [][]byte
			if err := Members(der, func(digest []byte) { found = append(found, slices.Clone(digest)) }); err != nil {
				t.Fatal(err)
			}
			if len(found) != 2 || !bytes.Equal(found[0], other[:]) || !bytes.Equal(found[1], strong) && !bytes.Equal(found[1], old) {
				t.Errorf("members %x, of the file %x", found, digests)
			}
		})
	}
}

// TestFileDigests shows what of a program is digested: neither its checksum nor an entry for a signature, and zeros up to a
// multiple of 8.
func TestFileDigests(t *testing.T) {
	t.Parallel()
	data := unsigned(t)
	before, err := FileDigests(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil || len(before) != 2 || len(before[0]) != sha256.Size || len(before[1]) != sha1.Size {
		t.Fatal(before, err)
	}
	same := func(what string, want bool) {
		t.Helper()
		after, err := FileDigests(t.Context(), bytes.NewReader(data), int64(len(data)))
		if err != nil || bytes.Equal(before[0], after[0]) != want || bytes.Equal(before[1], after[1]) != want {
			t.Errorf("with %s the digests are the same: %t, %v", what, !want, err)
		}
	}
	data[0x98+64] ^= 1
	same("another checksum", true)
	data = append(data, make([]byte, 8-len(data)%8)...)
	same("zeros at the end", true)
	data[0x410] ^= 1
	same("another program", false)
	if _, err := FileDigests(t.Context(), bytes.NewReader([]byte("text")), 4); err == nil {
		t.Error("a text has the digests of a program")
	}
}

func TestHostileCatalogue(t *testing.T) {
	t.Parallel()
	der := catalogue(t, cattest.Member{Identifier: make([]byte, 32)})
	each := func([]byte) {}
	for length := range der {
		if _, err := ReadCatalogue(der[:length]); err == nil {
			t.Fatalf("%d of %d bytes are read as a catalogue", length, len(der))
		}
		if err := Members(der[:length], each); err == nil {
			t.Fatalf("%d of %d bytes have members", length, len(der))
		}
	}
	for at := range der { // no change may be taken for the signer's word
		changed := slices.Clone(der)
		changed[at] ^= 0x40
		s, err := ReadCatalogue(changed)
		others := 0
		_ = Members(changed, func(digest []byte) {
			if !bytes.Equal(digest, make([]byte, 32)) {
				others++
			}
		})
		if err == nil && s.Intact == nil && s.Signer.Subject.CommonName == "Contoso Windows" && others > 0 {
			t.Errorf("a change of byte %d gives other members, and the signature holds", at)
		}
	}
	data := signed(t)
	if err := Members(data[bytes.Index(data, []byte{0x30, 0x82}):], each); err == nil {
		t.Error("a file's own signature is read as a catalogue")
	}
}

func FuzzMembers(f *testing.F) {
	f.Add(catalogue(f, cattest.Member{Identifier: make([]byte, 32)}, cattest.Member{Identifier: []byte("a"), Digest: make([]byte, 20)}))
	f.Fuzz(func(t *testing.T, der []byte) {
		_ = Members(der, func(digest []byte) {
			if len(digest) != sha1.Size && len(digest) != sha256.Size {
				t.Errorf("a digest of %d bytes", len(digest))
			}
		})
	})
}
