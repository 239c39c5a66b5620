package identity

import (
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// trustSetting is one decision on how far a certificate is trusted.
type trustSetting struct {
	CommonName        string `col:"common_name" doc:"Common name of the issuer; for a root that is its own."`
	Serial            string `col:"serial" collate:"NOCASE" doc:"Serial number in hexadecimal."`
	TrustDomain       string `col:"trust_domain" opt:"index" doc:"admin or user."`
	TrustPolicyName   string `col:"trust_policy_name" doc:"Use that it is about, such as sslServer."`
	TrustPolicyData   string `col:"trust_policy_data" doc:"Name that it is about, such as a host."`
	TrustAllowedError string `col:"trust_allowed_error" doc:"Error that is allowed, as a number."`
	TrustKeyUsage     string `col:"trust_key_usage" doc:"Use of the key that it is about."`
	TrustResult       string `col:"trust_result" doc:"trusted_root, trusted_non_root_as_root, distrusted, unspecified or invalid."`
}

// CertificateTrustSettings has a row for each setting of each certificate, or one for a certificate without settings, which is
// trusted for all.
// Source: the property lists in /Library/Security/Trust Settings, which only root may read.
var CertificateTrustSettings = tables.Define[trustSetting](tables.Spec{
	Name: "certificate_trust_settings", Doc: "Certificates that administrators or users trust or distrust.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT common_name, trust_policy_name, trust_result FROM certificate_trust_settings WHERE trust_domain = 'admin'"},
}, generateCertificateTrustSettings)

const trustSettings = "/Library/Security/Trust Settings"

// trustKeyUsages and trustResults are the numbers of Apple's SecTrustSettings.h.
var (
	trustKeyUsages = map[int64]string{
		1: "sign_data_verify_signature", 2: "encrypt_decrypt_data", 4: "encrypt_decrypt_key", 8: "sign_certificate_verify_signature",
		16: "sign_ocsp_crl_verify_signature", 32: "key_exchange", 0xffffffff: "any", -1: "any",
	}
	trustResults = map[int64]string{0: "invalid", 1: "trusted_root", 2: "trusted_non_root_as_root", 3: "distrusted", 4: "unspecified"}
)

func generateCertificateTrustSettings(ctx context.Context, host tables.Host, q *tables.Query, emit func(*trustSetting) error) error {
	wanted := q.Equal("trust_domain")
	for _, file := range hostfile.Files(ctx, host, trustSettings) {
		domain := "user"
		if path.Base(file) == "Admin.plist" {
			domain = "admin"
		}
		if wanted != nil && !slices.Contains(wanted, domain) {
			continue
		}
		list, ok := plist.Read(ctx, host, file)
		if !ok {
			continue
		}
		certificates := list.Dict("trustList")
		for _, digest := range certificates.Keys() {
			c := certificates.Dict(digest)
			row := trustSetting{CommonName: issuerName(c.Data("issuerName")), Serial: strings.ToUpper(hex.EncodeToString(c.Data("serialNumber"))), TrustDomain: domain}
			settings := c.Dicts("trustSettings")
			if len(settings) == 0 {
				settings = []plist.Dict{{"kSecTrustSettingsResult": int64(1)}}
			}
			for _, s := range settings {
				row.TrustPolicyName, row.TrustPolicyData = s.Text("kSecTrustSettingsPolicyName"), s.Text("kSecTrustSettingsPolicyString")
				row.TrustAllowedError = s.Text("kSecTrustSettingsAllowedError")
				row.TrustKeyUsage, row.TrustResult = trustWord(s, "kSecTrustSettingsKeyUsage", trustKeyUsages), trustWord(s, "kSecTrustSettingsResult", trustResults)
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

func trustWord(setting plist.Dict, key string, words map[int64]string) string {
	number, ok := setting.Int(key)
	if !ok {
		return ""
	}
	if word := words[number]; word != "" {
		return word
	}
	return "unknown"
}

// issuerName gives the common name in an encoded name.
func issuerName(der []byte) string {
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return ""
	}
	var name pkix.Name
	name.FillFromRDNSequence(&rdns)
	return name.CommonName
}
