package identity

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAccountPolicyData(t *testing.T)        { tabletest.Run(t, AccountPolicyData) }
func TestADConfig(t *testing.T)                 { tabletest.Run(t, ADConfig) }
func TestAuthorizationMechanisms(t *testing.T)  { tabletest.Run(t, AuthorizationMechanisms) }
func TestAuthorizations(t *testing.T)           { tabletest.Run(t, Authorizations) }
func TestCertificateTrustSettings(t *testing.T) { tabletest.Run(t, CertificateTrustSettings) }
func TestKeychainACLs(t *testing.T)             { tabletest.Run(t, KeychainACLs) }
func TestKeychainItems(t *testing.T)            { tabletest.Run(t, KeychainItems) }
func TestPasswordPolicy(t *testing.T)           { tabletest.Run(t, PasswordPolicy) }
func TestScreenlock(t *testing.T)               { tabletest.Run(t, Screenlock) }

func FuzzParseKeychain(f *testing.F) {
	f.Add("class: \"genp\"\nattributes:\n    0x00000007 <blob>=\"Home\"\naccess: 1 entries\n        authorizations (1): decrypt\n            0: /a (OK)\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, item := range parseKeychain(text) {
			if label := item.label(); len(label) > len(text) {
				t.Errorf("a label of %d bytes", len(label))
			}
		}
	})
}

func FuzzParseUTMPX(f *testing.F) {
	f.Add(make([]byte, utmpxRecord))
	f.Fuzz(func(t *testing.T, data []byte) {
		for record := range utmpxRecords(data) {
			if row, ok := parseUTMPX(record); ok && row.Type == "" {
				t.Errorf("%+v", row)
			}
		}
	})
}
