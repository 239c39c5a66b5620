package identity

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestCertificates(t *testing.T) { tabletest.Run(t, Certificates) }

func TestSerialText(t *testing.T) {
	t.Parallel()
	for serial, want := range map[string]string{"": "00", "\x01": "01", "\x0a\xbc": "0ABC"} {
		if got := serialText([]byte(serial)); got != want {
			t.Errorf("%q is %s, want %s", serial, got, want)
		}
	}
}

func TestKeyUsage(t *testing.T) {
	t.Parallel()
	for usage, want := range map[x509.KeyUsage]string{
		0: "", x509.KeyUsageDigitalSignature: "Digital Signature", x509.KeyUsageCertSign | x509.KeyUsageCRLSign: "CRL Sign, Key Cert Sign",
		x509.KeyUsageContentCommitment | x509.KeyUsageDecipherOnly: "Non Repudiation, Decipher Only",
	} {
		if got := keyUsage(usage); got != want {
			t.Errorf("%b is %q, want %q", usage, got, want)
		}
	}
}

func FuzzEachCertificate(f *testing.F) {
	bundle, err := os.ReadFile("testdata/certificates/linux-bundle/root/etc/ssl/certs/ca-certificates.crt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bundle)
	if block, _ := pem.Decode(bundle); block != nil {
		f.Add(block.Bytes)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := eachCertificate(data, func(row *certificateRow, err error) error {
			if err == nil && (len(row.SHA1) != 40 || row.NotAfter == "") {
				t.Errorf("%+v", row)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
