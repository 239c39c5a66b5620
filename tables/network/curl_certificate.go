package network

import (
	"bytes"
	"context"
	"crypto/sha1" // #nosec G505 -- osquery's column, a fingerprint and no protection
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/outbound"
)

// serverCertificate is the certificate that a TLS server shows.
type serverCertificate struct {
	Hostname          string              `col:"hostname" opt:"required" doc:"Server that was asked, with :port where it is not 443."`
	CommonName        string              `col:"common_name" doc:"Common name of the subject."`
	Organization      string              `col:"organization" doc:"Organization of the subject."`
	OrganizationUnit  string              `col:"organization_unit" doc:"Unit in the organization of the subject."`
	SerialNumber      string              `col:"serial_number" collate:"NOCASE" doc:"Serial number, in hexadecimal."`
	IssuerCommonName  string              `col:"issuer_common_name" doc:"Common name of the issuer."`
	IssuerOrg         string              `col:"issuer_organization" doc:"Organization of the issuer."`
	IssuerOrgUnit     string              `col:"issuer_organization_unit" doc:"Unit in the organization of the issuer."`
	ValidFrom         string              `col:"valid_from" doc:"Begin of its validity, as OpenSSL writes it."`
	ValidTo           string              `col:"valid_to" doc:"End of its validity, as OpenSSL writes it."`
	SHA256            string              `col:"sha256_fingerprint" collate:"NOCASE" doc:"SHA-256 digest of the certificate."`
	SHA1              string              `col:"sha1_fingerprint" collate:"NOCASE" doc:"SHA-1 digest of the certificate."`
	Version           int32               `col:"version" doc:"Version of the certificate's format."`
	SignatureAlg      string              `col:"signature_algorithm" doc:"Algorithm of the issuer's signature: SHA256-RSA."`
	Signature         string              `col:"signature" doc:"Signature, its bytes in hexadecimal parted by colons."`
	SubjectKeyID      string              `col:"subject_key_identifier" collate:"NOCASE" doc:"Identifier of the subject's key."`
	AuthorityKeyID    string              `col:"authority_key_identifier" collate:"NOCASE" doc:"Identifier of the issuer's key."`
	KeyUsage          string              `col:"key_usage" doc:"What the key may be used for."`
	ExtendedKeyUsage  string              `col:"extended_key_usage" doc:"Purposes that it was issued for."`
	Policies          string              `col:"policies" doc:"Policies that it was issued under, as object identifiers."`
	SubjectAltNames   string              `col:"subject_alternative_names" doc:"Names and addresses that it is for: DNS:a.example, IP Address:192.0.2.1."`
	IssuerAltNames    tables.Null[string] `col:"issuer_alternative_names" doc:"NULL: not decoded."`
	InfoAccess        string              `col:"info_access" doc:"Where its status and its issuer's certificate are."`
	SubjectInfoAccess tables.Null[string] `col:"subject_info_access" doc:"NULL: not decoded."`
	PolicyMappings    tables.Null[string] `col:"policy_mappings" doc:"NULL: not decoded."`
	HasExpired        int32               `col:"has_expired" doc:"1 where its validity is over."`
	BasicConstraint   string              `col:"basic_constraint" doc:"Whether it is an authority's: CA:TRUE, CA:FALSE."`
	NameConstraints   string              `col:"name_constraints" doc:"Domains that an authority may or may not certify."`
	PolicyConstraints tables.Null[string] `col:"policy_constraints" doc:"NULL: not decoded."`
	DumpCertificate   int32               `col:"dump_certificate" opt:"additional,hidden" doc:"1 to have the column pem."`
	Timeout           int32               `col:"timeout" opt:"additional,hidden" doc:"Seconds until the server is given up, at most 30."`
	PEM               tables.Null[string] `col:"pem" doc:"Certificate in PEM form, where dump_certificate is 1."`
}

const (
	certificateTime    = 4 // seconds, osquery's default
	certificateTimeMax = 30
)

// CurlCertificate asks the servers that a statement names and has a row for each that answers. The certificate is shown and
// not judged: one that is not valid is what a query looks for. It reaches public addresses only; those of this machine's own
// servers are in tls_listeners.
var CurlCertificate = tables.Define[serverCertificate](tables.Spec{
	Name: "curl_certificate", Doc: "Certificates of TLS servers on the public Internet.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Portable: true, Network: true,
	Examples: []string{"SELECT common_name, valid_to, has_expired FROM curl_certificate WHERE hostname = 'example.com'"},
}, generateCurlCertificate)

func generateCurlCertificate(ctx context.Context, host tables.Host, q *tables.Query, emit func(*serverCertificate) error) error {
	seconds := int64(certificateTime)
	if values, _ := q.EqualInt("timeout"); len(values) == 1 && values[0] > 0 {
		seconds = min(values[0], certificateTimeMax)
	}
	dumps, _ := q.EqualInt("dump_certificate")
	dump := len(dumps) == 1 && dumps[0] == 1
	for _, hostname := range q.Equal("hostname") {
		certificate, _, err := showCertificate(ctx, outbound.Public, hostname, time.Duration(seconds)*time.Second)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			hostfile.Skipped(ctx, host, hostname, err)
			continue
		}
		row := describeServer(certificate, host.Now())
		row.Hostname, row.Timeout = hostname, int32(seconds)
		if dump {
			row.DumpCertificate = 1
			row.PEM = tables.Some(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})))
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

var errNoCertificate = errors.New("the server shows no certificate")

// showCertificate gives the certificate that a server shows first, and the state of the connection.
func showCertificate(ctx context.Context, dial outbound.Dial, server string, limit time.Duration) (*x509.Certificate, *tls.ConnectionState, error) {
	name, port := server, "443"
	if h, p, err := net.SplitHostPort(server); err == nil {
		name = h
		if p != "" {
			port = p
		}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	plain, err := dial(ctx, "tcp", net.JoinHostPort(name, port))
	if err != nil {
		return nil, nil, err
	}
	defer plain.Close()
	config := &tls.Config{
		ServerName: name,
		MinVersion: tls.VersionTLS10, // #nosec G402 -- an old server is what the query looks for; nothing is sent to it
		//lint:allow verifiesTLS nothing is sent to the server: its certificate is shown as it is, and judged by who reads the row
		InsecureSkipVerify: true, // #nosec G402 -- see above
	}
	conn := tls.Client(plain, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, nil, fmt.Errorf("handshake with %s: %w", server, err)
	}
	state := conn.ConnectionState()
	if len(state.PeerCertificates) == 0 {
		return nil, nil, errNoCertificate
	}
	return state.PeerCertificates[0], &state, nil
}

// describeServer fills in what the certificate tells.
func describeServer(c *x509.Certificate, now time.Time) serverCertificate {
	digest256, digest1 := sha256.Sum256(c.Raw), sha1.Sum(c.Raw) // #nosec G401 -- as above
	first := func(values []string) string {
		if len(values) == 0 {
			return ""
		}
		return values[0]
	}
	const opensslTime = "Jan _2 15:04:05 2006 GMT"
	row := serverCertificate{
		CommonName: c.Subject.CommonName, Organization: first(c.Subject.Organization), OrganizationUnit: first(c.Subject.OrganizationalUnit),
		SerialNumber:     strings.ToUpper(hex.EncodeToString(c.SerialNumber.Bytes())),
		IssuerCommonName: c.Issuer.CommonName, IssuerOrg: first(c.Issuer.Organization), IssuerOrgUnit: first(c.Issuer.OrganizationalUnit),
		ValidFrom: c.NotBefore.UTC().Format(opensslTime), ValidTo: c.NotAfter.UTC().Format(opensslTime),
		SHA256: hex.EncodeToString(digest256[:]), SHA1: hex.EncodeToString(digest1[:]), Version: int32(c.Version),
		SignatureAlg: c.SignatureAlgorithm.String(), Signature: colons(c.Signature), SubjectKeyID: strings.ToUpper(colons(c.SubjectKeyId)),
		AuthorityKeyID: strings.ToUpper(colons(c.AuthorityKeyId)), KeyUsage: certificateUses(c.KeyUsage), ExtendedKeyUsage: certificatePurposes(c),
		SubjectAltNames: alternativeNames(c), InfoAccess: informationAccess(c), NameConstraints: nameConstraints(c),
	}
	var policies []string
	for _, p := range c.Policies {
		policies = append(policies, "Policy: "+p.String())
	}
	row.Policies = strings.Join(policies, ";")
	if now.After(c.NotAfter) {
		row.HasExpired = 1
	}
	if c.BasicConstraintsValid {
		row.BasicConstraint = "CA:FALSE"
		if c.IsCA {
			row.BasicConstraint = "CA:TRUE"
		}
	}
	return row
}

// colons writes bytes in hexadecimal, parted by colons.
func colons(data []byte) string {
	var out bytes.Buffer
	for i, b := range data {
		if i > 0 {
			out.WriteByte(':')
		}
		fmt.Fprintf(&out, "%02x", b)
	}
	return out.String()
}

func certificateUses(usage x509.KeyUsage) string {
	var uses []string
	for i, name := range [...]string{
		"Digital Signature", "Non Repudiation", "Key Encipherment", "Data Encipherment", "Key Agreement", "Certificate Sign", "CRL Sign",
		"Encipher Only", "Decipher Only",
	} {
		if usage&(1<<i) != 0 {
			uses = append(uses, name)
		}
	}
	return strings.Join(uses, ", ")
}

func certificatePurposes(c *x509.Certificate) string {
	names := map[x509.ExtKeyUsage]string{
		x509.ExtKeyUsageAny: "Any Extended Key Usage", x509.ExtKeyUsageServerAuth: "TLS Web Server Authentication",
		x509.ExtKeyUsageClientAuth: "TLS Web Client Authentication", x509.ExtKeyUsageCodeSigning: "Code Signing",
		x509.ExtKeyUsageEmailProtection: "E-mail Protection", x509.ExtKeyUsageTimeStamping: "Time Stamping", x509.ExtKeyUsageOCSPSigning: "OCSP Signing",
	}
	var purposes []string
	for _, usage := range c.ExtKeyUsage {
		if name, known := names[usage]; known {
			purposes = append(purposes, name)
		}
	}
	for _, oid := range c.UnknownExtKeyUsage {
		purposes = append(purposes, oid.String())
	}
	return strings.Join(purposes, ", ")
}

func alternativeNames(c *x509.Certificate) string {
	var names []string
	for _, name := range c.DNSNames {
		names = append(names, "DNS:"+name)
	}
	for _, address := range c.EmailAddresses {
		names = append(names, "email:"+address)
	}
	for _, address := range c.IPAddresses {
		names = append(names, "IP Address:"+address.String())
	}
	for _, uri := range c.URIs {
		names = append(names, "URI:"+uri.String())
	}
	return strings.Join(names, ", ")
}

func informationAccess(c *x509.Certificate) string {
	var places []string
	for _, uri := range c.OCSPServer {
		places = append(places, "OCSP - URI:"+uri)
	}
	for _, uri := range c.IssuingCertificateURL {
		places = append(places, "CA Issuers - URI:"+uri)
	}
	return strings.Join(places, ";")
}

func nameConstraints(c *x509.Certificate) string {
	var constraints []string
	for _, domain := range c.PermittedDNSDomains {
		constraints = append(constraints, "Permitted: DNS:"+domain)
	}
	for _, domain := range c.ExcludedDNSDomains {
		constraints = append(constraints, "Excluded: DNS:"+domain)
	}
	return strings.Join(constraints, ";")
}
