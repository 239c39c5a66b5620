// Package codesign reads and checks the code signatures in programs of macOS: who signed, what exactly, and whether it is
// still that? It checks digests and signatures; whether Apple vouches for the signer is not its question.
package codesign

import (
	"bytes"
	"crypto/sha1" // #nosec G505 -- signatures for older systems hold SHA-1 digests
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// ErrUnsigned says that a program has no signature.
var ErrUnsigned = errors.New("is not signed")

var errDamaged = errors.New("signature is damaged")

// Numbers of the signature's format, of Apple's cs_blobs.h. All of it is big-endian.
const (
	magicSuperBlob = 0xfade0cc0
	magicDirectory = 0xfade0c02

	slotDirectory    = 0
	slotAlternate    = 0x1000 // and the four after it: the directory with other digests
	slotAlternates   = 5
	slotRequirements = 2
	slotEntitlements = 5
	slotDER          = 7 // entitlements once more
	slotCMS          = 0x10000

	// SlotInfo and SlotResources are the places of the digests of a bundle's Info.plist and CodeResources.
	SlotInfo      = 1
	SlotResources = 3

	signatureMax = 16 << 20
	cmsMax       = 128 << 10
	blobsMax     = 64
)

// Signature is that of one architecture of a program.
type Signature struct {
	Arch         string
	Identifier   string
	TeamID       string // of the signer, where its certificate names the same team
	CDHash       string // of the directory with the strongest digests, in hexadecimal
	AdHoc        bool   // without a signer
	Authority    string // common name of the signer's certificate
	Entitlements []byte // property list

	directory directory
	blobs     map[uint32][]byte // whole blobs by slot
	cms       []byte
	slice     *io.SectionReader
}

// directory is a CodeDirectory: the digests of all pages of the program and of what belongs to it.
type directory struct {
	raw       []byte
	hashType  byte
	hashSize  int
	pageSize  int64
	codeLimit int64
	hashes    int // offset of the first page's digest; those of special slots are before it
	pages     int
	specials  int
}

// parse reads a signature, given as the bytes of its SuperBlob.
func parse(data []byte) (*Signature, error) {
	if len(data) < 12 || binary.BigEndian.Uint32(data) != magicSuperBlob {
		return nil, errDamaged
	}
	count := binary.BigEndian.Uint32(data[8:])
	if count > blobsMax || 12+8*int(count) > len(data) {
		return nil, errDamaged
	}
	s := &Signature{blobs: map[uint32][]byte{}}
	for i := range int(count) {
		slot, offset := binary.BigEndian.Uint32(data[12+8*i:]), binary.BigEndian.Uint32(data[16+8*i:])
		if uint64(offset)+8 > uint64(len(data)) {
			return nil, errDamaged
		}
		length := binary.BigEndian.Uint32(data[offset+4:])
		if length < 8 || uint64(offset)+uint64(length) > uint64(len(data)) {
			return nil, errDamaged
		}
		s.blobs[slot] = data[offset:][:length]
	}
	if err := s.readDirectories(); err != nil {
		return nil, err
	}
	if blob := s.blobs[slotEntitlements]; len(blob) > 8 {
		s.Entitlements = blob[8:]
	}
	if blob := s.blobs[slotCMS]; len(blob) > 8 && len(blob) <= cmsMax {
		s.cms = blob[8:]
	}
	s.AdHoc = len(s.cms) == 0
	team := ""
	if !s.AdHoc {
		s.Authority, team = signerOf(s.cms)
	}
	if s.TeamID != team { // anyone can write a team into a directory
		s.TeamID = ""
	}
	return s, nil
}

// readDirectories takes the directory with the strongest digests, as the system does.
func (s *Signature) readDirectories() error {
	slots := []uint32{slotDirectory}
	for i := range uint32(slotAlternates) {
		slots = append(slots, slotAlternate+i)
	}
	for _, slot := range slots {
		blob := s.blobs[slot]
		if blob == nil {
			continue
		}
		d, identifier, team, err := parseDirectory(blob)
		if err != nil {
			return err
		}
		if s.directory.raw == nil || rank(d.hashType) > rank(s.directory.hashType) {
			s.directory, s.Identifier, s.TeamID = d, identifier, team
		}
	}
	if s.directory.raw == nil {
		return errDamaged
	}
	const cdHashSize = 20
	digest := digestOf(s.directory.hashType, s.directory.raw)
	s.CDHash = hex.EncodeToString(digest[:min(cdHashSize, len(digest))])
	return nil
}

func parseDirectory(raw []byte) (d directory, identifier, team string, err error) {
	if len(raw) < 44 || binary.BigEndian.Uint32(raw) != magicDirectory {
		return d, "", "", errDamaged
	}
	version := binary.BigEndian.Uint32(raw[8:])
	d = directory{
		raw: raw, hashType: raw[37], hashSize: int(raw[36]), hashes: int(binary.BigEndian.Uint32(raw[16:])),
		specials: int(binary.BigEndian.Uint32(raw[24:])), pages: int(binary.BigEndian.Uint32(raw[28:])), codeLimit: int64(binary.BigEndian.Uint32(raw[32:])),
	}
	if shift := raw[39]; shift > 0 && shift < 32 {
		d.pageSize = 1 << shift
	}
	if newHash(d.hashType) == nil || d.hashSize == 0 || d.hashSize > newHash(d.hashType).Size() {
		return d, "", "", fmt.Errorf("digests of type %d are unknown", d.hashType)
	}
	if d.specials < 0 || d.pages < 0 || d.hashes-d.specials*d.hashSize < 0 || d.hashes+d.pages*d.hashSize > len(raw) {
		return d, "", "", errDamaged
	}
	identifier = textAt(raw, binary.BigEndian.Uint32(raw[20:]))
	if version >= 0x20200 && len(raw) >= 52 {
		if offset := binary.BigEndian.Uint32(raw[48:]); offset != 0 {
			team = textAt(raw, offset)
		}
	}
	if version >= 0x20300 && len(raw) >= 64 {
		if limit := binary.BigEndian.Uint64(raw[56:]); limit > 0 && limit < 1<<62 {
			d.codeLimit = int64(limit)
		}
	}
	return d, identifier, team, nil
}

func textAt(raw []byte, offset uint32) string {
	if uint64(offset) >= uint64(len(raw)) {
		return ""
	}
	text, _, _ := bytes.Cut(raw[offset:], []byte{0})
	return string(text)
}

// rank orders the types of digest by strength.
func rank(hashType byte) int {
	return map[byte]int{1: 1, 3: 2, 2: 3, 4: 4}[hashType]
}

func newHash(hashType byte) hash.Hash {
	switch hashType {
	case 1:
		return sha1.New() // #nosec G401 -- as above
	case 2, 3: // 3 is cut to the length of SHA-1
		return sha256.New()
	case 4:
		return sha512.New384()
	default:
		return nil
	}
}

func digestOf(hashType byte, data []byte) []byte {
	h := newHash(hashType)
	h.Write(data)
	return h.Sum(nil)
}

// special gives the digest of a special slot; nil where the directory has none.
func (d *directory) special(slot int) []byte {
	if slot > d.specials {
		return nil
	}
	digest := d.raw[d.hashes-slot*d.hashSize:][:d.hashSize]
	if bytes.Count(digest, []byte{0}) == len(digest) {
		return nil
	}
	return digest
}

func (d *directory) matches(digest, data []byte) bool {
	return bytes.Equal(digest, digestOf(d.hashType, data)[:d.hashSize])
}
