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
