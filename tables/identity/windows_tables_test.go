package identity

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestSecurityProfileInfo(t *testing.T) { tabletest.Run(t, SecurityProfileInfo) }

func FuzzParsePasswordPolicy(f *testing.F) {
	f.Add(make([]byte, 0x60))
	f.Fuzz(func(_ *testing.T, data []byte) { parsePasswordPolicy(data, &securityProfileInfo{}) })
}

func FuzzCertificateOf(f *testing.F) {
	f.Add([]byte("\x20\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00x"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		if der := certificateOf(blob); len(der) > len(blob) {
			t.Error("more than there is")
		}
	})
}

func TestNTDomains(t *testing.T) { tabletest.Run(t, NTDomains) }
