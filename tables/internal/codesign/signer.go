package codesign

import (
	"encoding/asn1"
	"encoding/hex"
	"strings"

	"github.com/smallstep/pkcs7"

	"github.com/tenantra/tenantra/tables/internal/plist"
)

// signerOf gives the common name and the team, an organizational unit, of the certificate that signed; "" where the message
// tells none.
func signerOf(cms []byte) (name, team string) {
	message, err := pkcs7.Parse(cms)
	if err != nil || len(message.Signers) == 0 {
		return "", ""
	}
	signer := message.Signers[0].IssuerAndSerialNumber
	for _, c := range message.Certificates {
		if c.SerialNumber.Cmp(signer.SerialNumber) != 0 {
			continue
		}
		if len(c.Subject.OrganizationalUnit) > 0 {
			team = c.Subject.OrganizationalUnit[0]
		}
		return c.Subject.CommonName, team
	}
	return "", ""
}

// oidDirectories is Apple's attribute with a property list of the digests of all directories.
var oidDirectories = asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 9, 1}

// boundDirectory tells whether the signed attributes name the directory of a digest.
func boundDirectory(message *pkcs7.PKCS7, cdHash string) bool {
	var text []byte
	if message.UnmarshalSignedAttribute(oidDirectories, &text) != nil {
		return false
	}
	list, err := plist.ParseDict(text)
	if err != nil {
		return false
	}
	for _, value := range list.List("cdhashes") {
		if data, ok := value.([]byte); ok && strings.EqualFold(hex.EncodeToString(data), cdHash) {
			return true
		}
	}
	return false
}
