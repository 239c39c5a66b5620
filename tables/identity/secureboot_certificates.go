package identity

import (
	"context"
	"crypto/x509"
	"encoding/binary"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// secureBootCertificate is one certificate by which the firmware takes or refuses programs at the start.
type secureBootCertificate struct {
	CommonName       string `col:"common_name" doc:"Common name of the subject."`
	Subject          string `col:"subject" doc:"Subject in OpenSSL's form of one line: C = US, O = Example."`
	Issuer           string `col:"issuer" doc:"Issuer in OpenSSL's form of one line."`
	NotBefore        string `col:"not_valid_before" doc:"Begin of its validity, in Unix seconds."`
	NotAfter         string `col:"not_valid_after" doc:"End of its validity, in Unix seconds."`
	SHA1             string `col:"sha1" collate:"NOCASE" doc:"SHA-1 digest of the certificate."`
	Serial           string `col:"serial" collate:"NOCASE" doc:"Serial number, in hexadecimal."`
	Revoked          int32  `col:"revoked" doc:"1 where programs that it signed are refused."`
	Path             string `col:"path" doc:"File of the firmware's variable that it is in."`
	IsCA             int32  `col:"is_ca" doc:"1 where it may sign other certificates."`
	SelfSigned       int32  `col:"self_signed" doc:"1 where subject and issuer are the same."`
	KeyUsage         string `col:"key_usage" doc:"What the key may be used for."`
	AuthorityKeyID   string `col:"authority_key_id" collate:"NOCASE" doc:"Identifier of the issuer's key."`
	SubjectKeyID     string `col:"subject_key_id" collate:"NOCASE" doc:"Identifier of the subject's key."`
	SigningAlgorithm string `col:"signing_algorithm" doc:"Algorithm of the issuer's signature by OpenSSL's name."`
	KeyAlgorithm     string `col:"key_algorithm" doc:"Algorithm of the subject's key by OpenSSL's name."`
	KeyStrength      string `col:"key_strength" doc:"Bits of the key, or the name of its curve."`
}

// SecureBootCertificates has a row for each certificate in the firmware's lists of what it takes, db, and of what it
// refuses, dbx; digests of single programs in them are left out.
// Source: /sys/firmware/efi/efivars; UEFI specification 32.4.1.
var SecureBootCertificates = tables.Define[secureBootCertificate](tables.Spec{
	Name: "secureboot_certificates", Doc: "Certificates by which the firmware takes or refuses programs at the start.",
	Category: tables.Identity, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT common_name, issuer, datetime(not_valid_after, 'unixepoch') AS ends FROM secureboot_certificates WHERE revoked = 0"},
}, generateSecureBootCertificates)

// efiSecurity ends the names of the firmware's lists of signatures.
const efiSecurity = "-d719b2cb-3d3a-4596-a3bc-dad00e67656f"

func generateSecureBootCertificates(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*secureBootCertificate) error) error {
	for revoked, name := range []string{"db", "dbx"} {
		file := "/sys/firmware/efi/efivars/" + name + efiSecurity
		data, err := hostfile.Source(ctx, host, file)
		if err != nil {
			hostfile.Skipped(ctx, host, file, err)
		}
		for _, der := range efiCertificates(data) {
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				hostfile.Skipped(ctx, host, file, err)
				continue
			}
			c := describeCertificate(cert)
			row := secureBootCertificate{
				CommonName: c.CommonName, Subject: c.Subject2, Issuer: c.Issuer2, NotBefore: c.NotBefore, NotAfter: c.NotAfter, SHA1: c.SHA1,
				Serial: c.Serial, Revoked: int32(revoked), Path: file, IsCA: c.CA, SelfSigned: c.SelfSigned, KeyUsage: c.KeyUsage,
				AuthorityKeyID: c.AuthorityKeyID, SubjectKeyID: c.SubjectKeyID, SigningAlgorithm: c.SigningAlgorithm,
				KeyAlgorithm: c.KeyAlgorithm, KeyStrength: c.KeyStrength,
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// efiX509 is EFI_CERT_X509_GUID as it lies in memory.
const efiX509 = "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72"

// efiCertificates gives the certificates in a variable as the kernel shows it: four bytes of attributes, and lists of a
// kind, three sizes, a header and signatures of one size, each behind its owner. A list that does not fit ends it.
func efiCertificates(data []byte) [][]byte {
	const attributes, head, owner = 4, 28, 16
	if len(data) < attributes {
		return nil
	}
	var found [][]byte
	for data = data[attributes:]; len(data) >= head; {
		size := uint64(binary.LittleEndian.Uint32(data[16:]))
		header := uint64(binary.LittleEndian.Uint32(data[20:]))
		each := uint64(binary.LittleEndian.Uint32(data[24:]))
		if size < head+header || size > uint64(len(data)) || each <= owner {
			return found
		}
		if string(data[:16]) == efiX509 {
			for list := data[head+header : size]; uint64(len(list)) >= each; list = list[each:] {
				found = append(found, list[owner:each])
			}
		}
		data = data[size:]
	}
	return found
}
