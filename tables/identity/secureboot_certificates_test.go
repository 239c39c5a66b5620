package identity

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestSecureBootCertificates(t *testing.T) { tabletest.Run(t, SecureBootCertificates) }

// signatureList makes a list of signatures of one size as the firmware keeps it.
func signatureList(kind, header string, signatures ...string) string {
	owner := strings.Repeat("o", 16)
	body := header
	for _, s := range signatures {
		body += owner + s
	}
	sizes := binary.LittleEndian.AppendUint32(nil, uint32(28+len(body)))
	sizes = binary.LittleEndian.AppendUint32(sizes, uint32(len(header)))
	sizes = binary.LittleEndian.AppendUint32(sizes, uint32(16+len(signatures[0])))
	return kind + string(sizes) + body
}

func TestEFICertificates(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("s", 16)
	whole := signatureList(efiX509, "", "one")
	for _, c := range []struct {
		data string
		want []string
	}{
		{"attr" + whole + signatureList(digest, "", "no certificate") + signatureList(efiX509, "head", "two", "tri"), []string{"one", "two", "tri"}},
		{"attr" + whole + whole[:30], []string{"one"}},
		{"attr" + whole + efiX509 + strings.Repeat("\x00", 12), []string{"one"}},
		{"attr" + efiX509 + strings.Repeat("\xff", 12), nil},
		{"attr", nil},
		{"at", nil},
		{"", nil},
	} {
		var got []string
		for _, der := range efiCertificates([]byte(c.data)) {
			got = append(got, string(der))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q:\n%s", c.data, diff)
		}
	}
}

func FuzzEFICertificates(f *testing.F) {
	f.Add([]byte("attr" + signatureList(efiX509, "h", "one", "two")))
	f.Fuzz(func(t *testing.T, data []byte) {
		total := 0
		for _, der := range efiCertificates(data) {
			total += len(der)
		}
		if total > len(data) {
			t.Errorf("%d bytes of certificates in %d", total, len(data))
		}
	})
}
