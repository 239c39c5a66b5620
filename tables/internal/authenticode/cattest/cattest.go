// Package cattest makes catalogues of signed files for tests: what a publisher of Windows does with its own authority.
package cattest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
	"unicode/utf16"
)

// Signer signs catalogues.
type Signer struct {
	key         *ecdsa.PrivateKey
	Certificate *x509.Certificate
}

// NewSigner makes an authority and a signer of that name whom it vouches for.
func NewSigner(name string) (*Signer, error) {
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name + " Authority"}, NotAfter: time.Now().AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true,
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(0x5EED), Subject: pkix.Name{CommonName: name}, NotAfter: root.NotAfter}
	der, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), authority)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &Signer{key, certificate}, err
}

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTrustList     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 10, 1}
	oidCatalogue     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 12, 1, 1}
	oidMember        = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 12, 1, 2}
	oidIndirectData  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 1, 4}
	oidProgram       = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 1, 15}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSA         = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// sequence and set wrap encoded parts.
func sequence(parts ...[]byte) []byte { return wrapped(asn1.ClassUniversal, asn1.TagSequence, parts) }
func set(parts ...[]byte) []byte      { return wrapped(asn1.ClassUniversal, asn1.TagSet, parts) }
func explicit(parts ...[]byte) []byte { return wrapped(asn1.ClassContextSpecific, 0, parts) }

func wrapped(class, tag int, parts [][]byte) []byte {
	var inner []byte
	for _, part := range parts {
		inner = append(inner, part...)
	}
	return encoded(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: inner})
}

// encoded panics for what has no encoding: a mistake in this package.
func encoded(value any) []byte {
	der, err := asn1.Marshal(value)
	if err != nil {
		panic(err)
	}
	return der
}

// Digits writes a digest as catalogues of older systems name their members.
func Digits(digest []byte) []byte {
	var name []byte
	for _, unit := range append(utf16.Encode([]rune(fmt.Sprintf("%X", digest))), 0) {
		name = append(name, byte(unit), byte(unit>>8))
	}
	return name
}

// Member is one entry: how the file is named, and its digest in the attributes; none where nil.
type Member struct{ Identifier, Digest []byte }

// Catalogue makes a signed catalogue.
func (s *Signer) Catalogue(members ...Member) ([]byte, error) {
	entries := make([][]byte, len(members))
	for i, member := range members {
		parts := [][]byte{encoded(member.Identifier)}
		if member.Digest != nil {
			indirect := sequence(sequence(encoded(oidProgram)), sequence(sequence(encoded(oidSHA256)), encoded(member.Digest)))
			parts = append(parts, set(sequence(encoded(oidIndirectData), set(indirect))))
		}
		entries[i] = sequence(parts...)
	}
	list := sequence(sequence(encoded(oidCatalogue)), encoded([]byte("identifier")), encoded(time.Unix(1767323045, 0).UTC()),
		sequence(encoded(oidMember), encoded(asn1.NullRawValue)), sequence(entries...))
	var inner asn1.RawValue
	if _, err := asn1.Unmarshal(list, &inner); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(inner.Bytes) // without its head
	attributes := [][]byte{sequence(encoded(oidContentType), set(encoded(oidTrustList))), sequence(encoded(oidMessageDigest), set(encoded(digest[:])))}
	signed := sha256.Sum256(set(attributes...))
	signature, err := s.key.Sign(rand.Reader, signed[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	algorithm := sequence(encoded(oidSHA256))
	signer := sequence(encoded(1), sequence(s.Certificate.RawIssuer, encoded(s.Certificate.SerialNumber)), algorithm, explicit(attributes...),
		sequence(encoded(oidECDSA)), encoded(signature))
	return sequence(encoded(oidSignedData), explicit(sequence(encoded(1), set(algorithm), sequence(encoded(oidTrustList), explicit(list)),
		explicit(s.Certificate.Raw), set(signer)))), nil
}
