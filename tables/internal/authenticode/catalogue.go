package authenticode

import (
	"context"
	"crypto/sha1" // #nosec G505 -- catalogues of older systems name files so
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/cryptobyte"
	der1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/tenantra/tenantra/tables/internal/pefile"
)

var (
	oidTrustList     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 10, 1}
	oidCatalogueList = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 12, 1, 1}
)

var errNoCatalogue = errors.New("not a catalogue of signed files")

// ReadCatalogue reads the signature of a catalogue. Its Intact is of the catalogue: a file is what was signed where Members has
// its digest.
func ReadCatalogue(der []byte) (*Signature, error) {
	s, _, err := open(der, oidTrustList)
	return s, err
}

// Members tells of the digest of each file that a catalogue lists, SHA-1 or SHA-256 by its length; it is valid until each
// returns. The signature is not looked at: this is for finding a file's catalogue among thousands.
func Members(der []byte, each func(digest []byte)) error {
	list, err := catalogueEntries(der)
	if err != nil {
		return err
	}
	for !list.Empty() {
		var entry, identifier, attributes cryptobyte.String
		if !list.ReadASN1(&entry, der1.SEQUENCE) || !entry.ReadASN1(&identifier, der1.OCTET_STRING) {
			return errNoCatalogue
		}
		if digest := memberDigest(identifier); digest != nil {
			each(digest)
			continue
		}
		if entry.ReadASN1(&attributes, der1.SET) {
			indirectDigest(attributes, each)
		}
	}
	return nil
}

// catalogueEntries goes down to the entries: PKCS #7, signed data, its content, the list.
func catalogueEntries(der []byte) (entries cryptobyte.String, err error) {
	input := cryptobyte.String(der)
	var outer, wrapped, data, content, inner, list, usage cryptobyte.String
	var kind, use asn1.ObjectIdentifier
	explicit := der1.Tag(0).ContextSpecific().Constructed()
	if !input.ReadASN1(&outer, der1.SEQUENCE) || !outer.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidSignedData) ||
		!outer.ReadASN1(&wrapped, explicit) || !wrapped.ReadASN1(&data, der1.SEQUENCE) ||
		!data.SkipASN1(der1.INTEGER) || !data.SkipASN1(der1.SET) || !data.ReadASN1(&content, der1.SEQUENCE) ||
		!content.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidTrustList) || !content.ReadASN1(&inner, explicit) ||
		!inner.ReadASN1(&list, der1.SEQUENCE) {
		return nil, errNoCatalogue
	}
	// usage, identifier, one or two times, algorithm, entries
	if !list.ReadASN1(&usage, der1.SEQUENCE) || !usage.ReadASN1ObjectIdentifier(&use) || !use.Equal(oidCatalogueList) {
		return nil, errNoCatalogue
	}
	for _, tag := range []der1.Tag{der1.OCTET_STRING, der1.INTEGER, der1.UTCTime, der1.GeneralizedTime, der1.UTCTime, der1.GeneralizedTime} {
		if !list.SkipOptionalASN1(tag) {
			return nil, errNoCatalogue
		}
	}
	if !list.SkipASN1(der1.SEQUENCE) || !list.ReadOptionalASN1(&entries, nil, der1.SEQUENCE) {
		return nil, errNoCatalogue
	}
	return entries, nil
}

// memberDigest reads an identifier: the digest itself, or its digits in UTF-16; nil where it is something else.
func memberDigest(identifier []byte) []byte {
	switch len(identifier) {
	case sha1.Size, sha256.Size:
		return identifier
	case 4 * sha1.Size, 4*sha1.Size + 2, 4 * sha256.Size, 4*sha256.Size + 2: // two bytes a digit, perhaps with an end
		digits := make([]byte, 0, len(identifier)/2)
		for i := 0; i+1 < len(identifier); i += 2 {
			if c := identifier[i]; c != 0 && identifier[i+1] == 0 {
				digits = append(digits, c)
			}
		}
		digest := make([]byte, hex.DecodedLen(len(digits)))
		if n, err := hex.Decode(digest, digits); err == nil && (n == sha1.Size || n == sha256.Size) {
			return digest
		}
	}
	return nil
}

// indirectDigest tells of the digest in an entry's attributes, as programs that are signed themselves have it.
func indirectDigest(attributes cryptobyte.String, each func(digest []byte)) {
	for !attributes.Empty() {
		var attribute, values, data, info, digest cryptobyte.String
		var kind asn1.ObjectIdentifier
		if !attributes.ReadASN1(&attribute, der1.SEQUENCE) || !attribute.ReadASN1ObjectIdentifier(&kind) {
			return
		}
		if kind.Equal(oidIndirectData) && attribute.ReadASN1(&values, der1.SET) && values.ReadASN1(&data, der1.SEQUENCE) && data.SkipASN1(der1.SEQUENCE) &&
			data.ReadASN1(&info, der1.SEQUENCE) && info.SkipASN1(der1.SEQUENCE) && info.ReadASN1(&digest, der1.OCTET_STRING) {
			if len(digest) == sha1.Size || len(digest) == sha256.Size {
				each(digest)
			}
			return
		}
	}
}

// FileDigests gives the digests by which catalogues list a file: SHA-256, then SHA-1. Of a program they leave out what a
// signature in it would leave out, and its length is brought to a multiple of 8.
func FileDigests(ctx context.Context, file io.ReaderAt, size int64) ([][]byte, error) {
	strong, old := sha256.New(), sha1.New() // #nosec G401 -- to look a file up, in lists whose signature says what it is worth
	both := io.MultiWriter(strong, old)
	program, err := pefile.Open(file)
	if err != nil {
		return nil, err
	}
	if err := covered(ctx, file, program, size, both); err != nil {
		return nil, err
	}
	if rest := size % 8; rest != 0 && program.Signature.Size == 0 {
		if _, err := both.Write(make([]byte, 8-rest)); err != nil {
			return nil, fmt.Errorf("pad file: %w", err)
		}
	}
	return [][]byte{strong.Sum(nil), old.Sum(nil)}, nil
}
