// Package authenticode reads the signature inside a program file of Windows, or of a catalogue that lists the file, and
// answers: who signed it, and is it still what was signed? Whether the signer is to be trusted it leaves to the caller.
// Format: Microsoft's "Windows Authenticode Portable Executable Signature Format", RFC 2315 (PKCS #7).
package authenticode

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha1" // #nosec G505 -- old programs are signed so
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/tenantra/tenantra/tables/internal/pefile"
)

// ErrMissing says that a file has no signature of its own; a catalogue may list it (FileDigests).
var ErrMissing = errors.New("not signed")

// Signature is what a file's signature says.
type Signature struct {
	Signer      *x509.Certificate
	Others      []*x509.Certificate // that came with it
	Description string              // what the signer calls the program
	Intact      error               // nil where the file is what was signed
}

const signatureMax = 4 << 20

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidIndirectData  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 1, 4}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidProgramInfo   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 2, 1, 12}
)

var digests = map[string]crypto.Hash{
	"1.3.14.3.2.26": crypto.SHA1, "2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signedData struct {
	Version          int
	DigestAlgorithms asn1.RawValue
	Content          contentInfo
	Certificates     asn1.RawValue `asn1:"optional,tag:0"`
	CRLs             asn1.RawValue `asn1:"optional,tag:1"`
	Signers          []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version            int
	Issuer             issuerAndSerial
	DigestAlgorithm    pkix.AlgorithmIdentifier
	Attributes         asn1.RawValue `asn1:"optional,tag:0"`
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          []byte
	Unauthenticated    asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial asn1.RawValue
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue `asn1:"set"`
}

// indirectData is the digest of a file.
type indirectData struct {
	Data   asn1.RawValue
	Digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
}

// Read reads the first signature of a file of some size.
func Read(ctx context.Context, file io.ReaderAt, size int64) (*Signature, error) {
	program, err := pefile.Open(file)
	if err != nil {
		return nil, err
	}
	at := program.Signature
	if at.Size == 0 {
		return nil, ErrMissing
	}
	if at.Size < 8 || at.Size > signatureMax || at.At <= 0 || at.At+at.Size > size {
		return nil, errors.New("the signature lies outside the file")
	}
	table := make([]byte, at.Size)
	if _, err := file.ReadAt(table, at.At); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	length := int64(binary.LittleEndian.Uint32(table))
	const pkcs7 = 2
	if length < 8 || length > at.Size || binary.LittleEndian.Uint16(table[6:]) != pkcs7 {
		return nil, errors.New("the signature is of an unknown kind")
	}
	s, signed, err := parse(table[8:length])
	if err != nil {
		return nil, err
	}
	if s.Intact == nil {
		s.Intact, err = compare(ctx, file, program, size, signed)
	}
	return s, err
}

// parse reads the signature of a file.
func parse(der []byte) (*Signature, *indirectData, error) {
	s, content, err := open(der, oidIndirectData)
	if err != nil {
		return nil, nil, err
	}
	var signed indirectData
	if _, err := asn1.Unmarshal(content, &signed); err != nil {
		return nil, nil, fmt.Errorf("parse what is signed: %w", err)
	}
	return s, &signed, nil
}

// open reads a signature over content of one kind, and checks that it fits to that content.
func open(der []byte, kind asn1.ObjectIdentifier) (*Signature, []byte, error) {
	var outer contentInfo
	if _, err := asn1.Unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return nil, nil, errors.New("the signature is no PKCS #7")
	}
	var data signedData
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &data); err != nil {
		return nil, nil, fmt.Errorf("parse signature: %w", err)
	}
	if !data.Content.Type.Equal(kind) || len(data.Signers) == 0 {
		return nil, nil, errors.New("the signature covers something else")
	}
	certificates, err := x509.ParseCertificates(data.Certificates.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("parse certificates: %w", err)
	}
	signer := &data.Signers[0]
	s := &Signature{}
	for _, c := range certificates {
		serial, err := asn1.Marshal(c.SerialNumber)
		if err == nil && s.Signer == nil && bytes.Equal(c.RawIssuer, signer.Issuer.Issuer.FullBytes) && bytes.Equal(serial, signer.Issuer.Serial.FullBytes) {
			s.Signer = c
			continue
		}
		s.Others = append(s.Others, c)
	}
	if s.Signer == nil {
		return nil, nil, errors.New("the signature does not hold its signer's certificate")
	}
	s.Intact = verify(s, signer, data.Content.Content.Bytes)
	return s, data.Content.Content.Bytes, nil
}

// verify checks that the attributes have the digest of the content, and the signature that of the attributes.
func verify(s *Signature, signer *signerInfo, content []byte) error {
	hash, ok := digests[signer.DigestAlgorithm.Algorithm.String()]
	if !ok {
		return fmt.Errorf("digest algorithm %s is not known", signer.DigestAlgorithm.Algorithm)
	}
	var inner asn1.RawValue // what is digested leaves its head out
	if _, err := asn1.Unmarshal(content, &inner); err != nil {
		return fmt.Errorf("parse what is signed: %w", err)
	}
	h := hash.New()
	h.Write(inner.Bytes)
	var digest []byte
	for rest := signer.Attributes.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return fmt.Errorf("parse attributes: %w", err)
		}
		switch {
		case a.Type.Equal(oidMessageDigest):
			if _, err := asn1.Unmarshal(a.Values.Bytes, &digest); err != nil {
				return fmt.Errorf("parse attributes: %w", err)
			}
		case a.Type.Equal(oidProgramInfo):
			s.Description = programName(a.Values.Bytes)
		}
	}
	if !bytes.Equal(digest, h.Sum(nil)) {
		return errors.New("the signature is of other content")
	}
	algorithm := signatureAlgorithm(s.Signer, hash)
	if algorithm == x509.UnknownSignatureAlgorithm {
		return errors.New("the signer's key is of a kind that is not known")
	}
	// The attributes are signed as a set, not under the tag that they have inside.
	set := append([]byte{asn1.TagSet | 0x20}, signer.Attributes.FullBytes[1:]...)
	return s.Signer.CheckSignature(algorithm, set, signer.Signature)
}

func signatureAlgorithm(c *x509.Certificate, hash crypto.Hash) x509.SignatureAlgorithm {
	rsa := map[crypto.Hash]x509.SignatureAlgorithm{
		crypto.SHA1: x509.SHA1WithRSA, crypto.SHA256: x509.SHA256WithRSA, crypto.SHA384: x509.SHA384WithRSA, crypto.SHA512: x509.SHA512WithRSA,
	}
	ecdsa := map[crypto.Hash]x509.SignatureAlgorithm{
		crypto.SHA1: x509.ECDSAWithSHA1, crypto.SHA256: x509.ECDSAWithSHA256, crypto.SHA384: x509.ECDSAWithSHA384, crypto.SHA512: x509.ECDSAWithSHA512,
	}
	switch c.PublicKeyAlgorithm {
	case x509.RSA:
		return rsa[hash]
	case x509.ECDSA:
		return ecdsa[hash]
	default:
		return x509.UnknownSignatureAlgorithm
	}
}

// programName reads the optional name of SpcSpOpusInfo, in UTF-16 or ASCII.
func programName(der []byte) string {
	var info, first, name asn1.RawValue
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return ""
	}
	const nameTag, wide, ascii = 0, 0, 1
	if _, err := asn1.Unmarshal(info.Bytes, &first); err != nil || first.Tag != nameTag {
		return "" // the link comes without a name
	}
	if _, err := asn1.Unmarshal(first.Bytes, &name); err != nil {
		return ""
	}
	switch name.Tag {
	case wide: // the high byte first
		units := make([]uint16, len(name.Bytes)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(name.Bytes[2*i:])
		}
		return string(utf16.Decode(units))
	case ascii:
		return string(name.Bytes)
	default:
		return ""
	}
}

// compare digests the file as it was signed: without its checksum, the entry of the signature, and the signature itself.
func compare(ctx context.Context, file io.ReaderAt, program *pefile.File, size int64, signed *indirectData) (mismatch, err error) {
	hash, ok := digests[signed.Digest.Algorithm.Algorithm.String()]
	if !ok {
		return fmt.Errorf("digest algorithm %s is not known", signed.Digest.Algorithm.Algorithm), nil
	}
	h := hash.New()
	if err := covered(ctx, file, program, size, h); err != nil {
		return nil, err
	}
	if !bytes.Equal(h.Sum(nil), signed.Digest.Digest) {
		return errors.New("the file was changed after it was signed"), nil
	}
	return nil, nil
}

// covered writes what a signature covers of a program.
func covered(ctx context.Context, file io.ReaderAt, program *pefile.File, size int64, w io.Writer) error {
	signature := program.Signature
	if signature.Size == 0 {
		signature.At = size
	}
	buffer := make([]byte, 128<<10)
	for _, part := range []struct{ from, to int64 }{
		{0, program.ChecksumAt}, {program.ChecksumAt + 4, program.SignatureEntryAt}, {program.SignatureEntryAt + 8, signature.At}, {signature.At + signature.Size, size},
	} {
		for at := part.from; at < part.to; {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := file.ReadAt(buffer[:min(int64(len(buffer)), part.to-at)], at)
			if n == 0 {
				return fmt.Errorf("read file: %w", err)
			}
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
			at += int64(n)
		}
	}
	return nil
}
