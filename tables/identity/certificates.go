package identity

import "github.com/tenantra/tenantra/tables"

// certificateRow is one certificate.
type certificateRow struct {
	CommonName       string `col:"common_name" doc:"Common name of the subject."`
	Subject          string `col:"subject" doc:"Subject in OpenSSL's old form: /C=US/O=Example."`
	Subject2         string `col:"subject2" doc:"Subject in OpenSSL's form of one line: C = US, O = Example."`
	Issuer           string `col:"issuer" doc:"Issuer in OpenSSL's old form."`
	Issuer2          string `col:"issuer2" doc:"Issuer in OpenSSL's form of one line."`
	CA               int32  `col:"ca" doc:"1 where it may sign other certificates."`
	SelfSigned       int32  `col:"self_signed" doc:"1 where subject and issuer are the same."`
	NotBefore        string `col:"not_valid_before" doc:"Begin of its validity, in Unix seconds."`
	NotAfter         string `col:"not_valid_after" doc:"End of its validity, in Unix seconds."`
	SigningAlgorithm string `col:"signing_algorithm" doc:"Algorithm of the issuer's signature by OpenSSL's name."`
	KeyAlgorithm     string `col:"key_algorithm" doc:"Algorithm of the subject's key by OpenSSL's name."`
	KeyStrength      string `col:"key_strength" doc:"Bits of the key, or the name of its curve."`
	KeyUsage         string `col:"key_usage" doc:"What the key may be used for."`
	SubjectKeyID     string `col:"subject_key_id" collate:"NOCASE" doc:"Identifier of the subject's key."`
	AuthorityKeyID   string `col:"authority_key_id" collate:"NOCASE" doc:"Identifier of the issuer's key."`
	SHA1             string `col:"sha1" collate:"NOCASE" doc:"SHA-1 digest of the certificate."`
	Path             string `col:"path" opt:"additional" doc:"File or keychain that it is in."`
	Serial           string `col:"serial" collate:"NOCASE" doc:"Serial number, in hexadecimal."`
	SID              string `col:"sid" os:"windows" doc:"Security identifier of the store's owner."`
	StoreLocation    string `col:"store_location" os:"windows" doc:"Place of the store: LocalMachine, Users and the like."`
	Store            string `col:"store" os:"windows" doc:"Name of the store."`
	Username         string `col:"username" os:"windows" class:"personal" doc:"Owner of the store."`
	StoreID          string `col:"store_id" os:"windows" doc:"Identifier of the store."`
}

// Certificates has a row for each certificate in the bundle of authorities that the system trusts, or in the files that
// a statement names. What Go's library refuses as no valid certificate is left out.
// Source: PEM or DER files on Linux, the stores in the registry on Windows; RFC 5280.
var Certificates = tables.DefineByPlatform(tables.Spec{
	Name: "certificates", Doc: "Certificates that the system trusts, or that lie in the files named.",
	Category: tables.Identity, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{
		"SELECT common_name, datetime(not_valid_after, 'unixepoch') AS ends FROM certificates WHERE not_valid_after < strftime('%s', 'now')",
		"SELECT common_name, issuer, key_strength FROM certificates WHERE path = '/etc/ssl/certs/ssl-cert-snakeoil.pem'",
	},
}, tables.Generators[certificateRow]{Linux: generateCertificates, Darwin: generateDarwinCertificates, Windows: generateWindowsCertificates})
