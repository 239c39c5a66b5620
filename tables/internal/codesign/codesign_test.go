package codesign

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
)

const pageSize = 4096

// directoryOf makes a CodeDirectory of SHA-256 digests, with the digest of the requirements as its only special slot 2.
func directoryOf(code, requirements []byte, identifier, team string) []byte {
	const head, specials = 64, 2
	names := append([]byte(identifier), 0)
	teamAt := head + len(names)
	names = append(append(names, team...), 0)
	hashes := head + len(names) + specials*sha256.Size
	var digests []byte
	digest := sha256.Sum256(requirements)
	digests = append(append(digests, digest[:]...), make([]byte, sha256.Size)...)
	pages := 0
	for page := range slices.Chunk(code, pageSize) {
		digest := sha256.Sum256(page)
		digests = append(digests, digest[:]...)
		pages++
	}
	d := make([]byte, head)
	for at, v := range map[int]int{
		0: magicDirectory, 4: head + len(names) + len(digests), 8: 0x20300, 16: hashes, 20: head, 24: specials, 28: pages, 32: len(code), 48: teamAt,
	} {
		binary.BigEndian.PutUint32(d[at:], uint32(v))
	}
	d[36], d[37], d[39] = sha256.Size, 2, 12
	return append(append(d, names...), digests...)
}

func blob(magic uint32, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	b = binary.BigEndian.AppendUint32(b, uint32(8+len(content)))
	return append(b, content...)
}

func superBlob(blobs map[uint32][]byte) []byte {
	index, body := []byte{}, []byte{}
	for slot, b := range blobs {
		index = binary.BigEndian.AppendUint32(index, slot)
		index = binary.BigEndian.AppendUint32(index, uint32(12+8*len(blobs)+len(body)))
		body = append(body, b...)
	}
	head := binary.BigEndian.AppendUint32(nil, magicSuperBlob)
	head = binary.BigEndian.AppendUint32(head, uint32(12+len(index)+len(body)))
	head = binary.BigEndian.AppendUint32(head, uint32(len(blobs)))
	return append(append(head, index...), body...)
}

// signer makes a certificate of a team and its key.
func signer(t testing.TB, team string) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Developer ID Application: Example", OrganizationalUnit: []string{team}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// program makes a Mach-O file with a signature over its pages; a nil certificate makes it ad hoc.
func program(t testing.TB, team string, certificate *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	const codeSize = 10_000
	code := func(signature int) []byte {
		head := []byte{}
		for _, v := range []uint32{magic64, 0x0100000c, 0, 2, 1, 16, 0, 0, loadSignature, 16, codeSize, uint32(signature)} {
			head = binary.LittleEndian.AppendUint32(head, v)
		}
		return append(head, make([]byte, codeSize-len(head))...)
	}
	requirements := blob(0xfade0c01, make([]byte, 4))
	sign := func(code []byte) []byte {
		d := directoryOf(code, requirements, "com.example.tool", team)
		blobs := map[uint32][]byte{slotDirectory: d, slotRequirements: requirements}
		if certificate != nil {
			message, err := pkcs7.NewSignedData(d)
			if err != nil {
				t.Fatal(err)
			}
			message.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
			if err := message.AddSigner(certificate, key, pkcs7.SignerInfoConfig{}); err != nil {
				t.Fatal(err)
			}
			message.Detach()
			cms, err := message.Finish()
			if err != nil {
				t.Fatal(err)
			}
			blobs[slotCMS] = blob(0xfade0b01, cms)
		}
		return superBlob(blobs)
	}
	const room = 8192 // the length of a signature differs from time to time, so that of its place is fixed
	whole := code(room)
	signature := sign(whole)
	return append(append(whole, signature...), make([]byte, room-len(signature))...)
}

func readOne(t *testing.T, data []byte) *Signature {
	t.Helper()
	all, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d signatures, %v", len(all), err)
	}
	return all[0]
}

func TestSignedProgram(t *testing.T) {
	t.Parallel()
	certificate, key := signer(t, "ABCDE12345")
	data := program(t, "ABCDE12345", certificate, key)
	s := readOne(t, data)
	if err := s.Verify(t.Context(), false, nil); err != nil {
		t.Error(err)
	}
	if s.Identifier != "com.example.tool" || s.TeamID != "ABCDE12345" || s.Authority != "Developer ID Application: Example" || s.AdHoc || s.Arch != "arm64" || len(s.CDHash) != 40 {
		t.Errorf("%+v", s)
	}
	changed := bytes.Clone(data)
	changed[5000] ^= 1
	if err := readOne(t, changed).Verify(t.Context(), false, nil); err == nil {
		t.Error("a changed page was not noticed")
	}
	if err := readOne(t, changed).Verify(t.Context(), true, nil); err != nil {
		t.Errorf("pages were not to be checked: %v", err)
	}
}

func TestForgedSigner(t *testing.T) {
	t.Parallel()
	certificate, key := signer(t, "ABCDE12345")
	if s := readOne(t, program(t, "OTHER00000", certificate, key)); s.TeamID != "" {
		t.Errorf("the directory's own word for the team %s was taken", s.TeamID)
	}
	if s := readOne(t, program(t, "ABCDE12345", nil, nil)); s.TeamID != "" || !s.AdHoc {
		t.Errorf("a team without a signer: %+v", s)
	}
	// The signature of one program does not serve another.
	s, other := readOne(t, program(t, "ABCDE12345", nil, nil)), readOne(t, program(t, "", certificate, key))
	s.cms, s.AdHoc = other.cms, false
	if err := s.Verify(t.Context(), true, nil); err == nil {
		t.Error("another program's signer was taken")
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	plain := program(t, "", nil, nil)
	binary.LittleEndian.PutUint32(plain[32:], 0x2) // another load command
	for name, test := range map[string]struct {
		data []byte
		want error
	}{
		"no signature": {plain, ErrUnsigned}, "script": {[]byte("#!/bin/sh\nexit 0\n--------------"), ErrNotMachO}, "empty": {nil, ErrNotMachO},
		"Java class": {[]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34 and more of it"), ErrNotMachO},
	} {
		if _, err := Read(bytes.NewReader(test.data), int64(len(test.data))); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	certificate, key := signer(f, "ABCDE12345")
	f.Add(program(f, "ABCDE12345", certificate, key))
	f.Add([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for _, s := range all {
			_ = s.Verify(t.Context(), false, nil)
		}
	})
}
