package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1" // #nosec G505 -- osquery's column, a fingerprint and no protection
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strconv"
	"strings"
)

// eachCertificate visits the certificates in PEM, among keys and notes, or the one in DER; err tells that one is broken.
func eachCertificate(data []byte, visit func(row *certificateRow, err error) error) error {
	one := func(der []byte) error {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return visit(nil, err)
		}
		return visit(describeCertificate(cert), nil)
	}
	if len(data) > 0 && data[0] == 0x30 { // a sequence in DER
		return one(data)
	}
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return nil
		}
		data = rest
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE":
			if err := one(block.Bytes); err != nil {
				return err
			}
		}
	}
}

// describeCertificate fills in all but where the certificate was found.
func describeCertificate(cert *x509.Certificate) *certificateRow {
	digest := sha1.Sum(cert.Raw) // #nosec G401 -- as above
	row := &certificateRow{
		CommonName: cert.Subject.CommonName, Subject: oldName(cert.Subject), Subject2: oneLineName(cert.Subject),
		Issuer: oldName(cert.Issuer), Issuer2: oneLineName(cert.Issuer),
		NotBefore: strconv.FormatInt(cert.NotBefore.Unix(), 10), NotAfter: strconv.FormatInt(cert.NotAfter.Unix(), 10),
		SigningAlgorithm: signingAlgorithm(cert.SignatureAlgorithm), KeyUsage: keyUsage(cert.KeyUsage),
		SubjectKeyID: hex.EncodeToString(cert.SubjectKeyId), AuthorityKeyID: hex.EncodeToString(cert.AuthorityKeyId),
		SHA1: hex.EncodeToString(digest[:]), Serial: serialText(cert.SerialNumber.Bytes()),
	}
	row.KeyAlgorithm, row.KeyStrength = describeKey(cert)
	sameKey := len(cert.AuthorityKeyId) == 0 || len(cert.SubjectKeyId) == 0 || bytes.Equal(cert.AuthorityKeyId, cert.SubjectKeyId)
	if sameKey && bytes.Equal(cert.RawSubject, cert.RawIssuer) {
		row.SelfSigned = 1
	}
	if cert.IsCA || cert.Version == 1 && row.SelfSigned == 1 { // the first version could not say so
		row.CA = 1
	}
	return row
}

// nameLabels are OpenSSL's short names of the parts of a name, by object identifier.
var nameLabels = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "street",
	"2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.15": "businessCategory", "2.5.4.17": "postalCode", "2.5.4.42": "GN",
	"2.5.4.97": "organizationIdentifier", "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.25": "DC",
	"0.9.2342.19200300.100.1.1": "UID", "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC", "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
}

func nameParts(name pkix.Name, join string) []string {
	var parts []string
	for _, part := range name.Names {
		oid := part.Type.String()
		label, known := nameLabels[oid]
		if !known {
			label = oid
		}
		parts = append(parts, label+join+fmt.Sprint(part.Value))
	}
	return parts
}

func oldName(name pkix.Name) string {
	parts := nameParts(name, "=")
	if len(parts) == 0 {
		return ""
	}
	return "/" + strings.Join(parts, "/")
}

func oneLineName(name pkix.Name) string { return strings.Join(nameParts(name, " = "), ", ") }

// serialText writes whole bytes, as OpenSSL does.
func serialText(serial []byte) string {
	if len(serial) == 0 {
		return "00"
	}
	return strings.ToUpper(hex.EncodeToString(serial))
}

func signingAlgorithm(algorithm x509.SignatureAlgorithm) string {
	switch algorithm {
	case x509.MD2WithRSA:
		return "md2WithRSAEncryption"
	case x509.MD5WithRSA:
		return "md5WithRSAEncryption"
	case x509.SHA1WithRSA:
		return "sha1WithRSAEncryption"
	case x509.SHA256WithRSA:
		return "sha256WithRSAEncryption"
	case x509.SHA384WithRSA:
		return "sha384WithRSAEncryption"
	case x509.SHA512WithRSA:
		return "sha512WithRSAEncryption"
	case x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS:
		return "rsassaPss"
	case x509.ECDSAWithSHA1:
		return "ecdsa-with-SHA1"
	case x509.ECDSAWithSHA256:
		return "ecdsa-with-SHA256"
	case x509.ECDSAWithSHA384:
		return "ecdsa-with-SHA384"
	case x509.ECDSAWithSHA512:
		return "ecdsa-with-SHA512"
	case x509.PureEd25519:
		return "ED25519"
	}
	return ""
}

// describeKey names the kind of key, and its bits or curve; both are empty for kinds that Go's library does not know.
func describeKey(cert *x509.Certificate) (algorithm, strength string) {
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return "rsaEncryption", strconv.Itoa(key.Size() * 8)
	case *ecdsa.PublicKey:
		switch name := key.Curve.Params().Name; name {
		case "P-256":
			return "id-ecPublicKey", "prime256v1"
		default:
			return "id-ecPublicKey", "secp" + strings.TrimPrefix(name, "P-") + "r1"
		}
	}
	switch cert.PublicKeyAlgorithm {
	case x509.DSA:
		return "dsaEncryption", ""
	case x509.Ed25519:
		return "ED25519", ""
	}
	return "", ""
}

// keyUsage lists the uses in osquery's order.
func keyUsage(usage x509.KeyUsage) string {
	var uses []string
	for _, use := range []struct {
		bit  x509.KeyUsage
		name string
	}{
		{x509.KeyUsageEncipherOnly, "Encipher Only"}, {x509.KeyUsageCRLSign, "CRL Sign"}, {x509.KeyUsageCertSign, "Key Cert Sign"},
		{x509.KeyUsageKeyAgreement, "Key Agreement"}, {x509.KeyUsageDataEncipherment, "Data Encipherment"},
		{x509.KeyUsageKeyEncipherment, "Key Encipherment"}, {x509.KeyUsageContentCommitment, "Non Repudiation"},
		{x509.KeyUsageDigitalSignature, "Digital Signature"}, {x509.KeyUsageDecipherOnly, "Decipher Only"},
	} {
		if usage&use.bit != 0 {
			uses = append(uses, use.name)
		}
	}
	return strings.Join(uses, ", ")
}
