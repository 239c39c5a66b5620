package authenticode

import (
	"bytes"
	"errors"
	"os"
	"testing"
)

// signed is a small program, signed by osslsigncode with a certificate that signed itself.
func signed(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile("testdata/signed.exe")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestRead(t *testing.T) {
	t.Parallel()
	data := signed(t)
	s, err := Read(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if s.Intact != nil || s.Signer.Subject.CommonName != "Contoso Code Signing" || s.Description != "A Tool" {
		t.Errorf("%s by %s: %v", s.Description, s.Signer.Subject, s.Intact)
	}
}

func TestReadOfAChangedFile(t *testing.T) {
	t.Parallel()
	data := signed(t)
	data[0x410] ^= 1 // in the program
	s, err := Read(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil || s.Intact == nil {
		t.Errorf("a changed program: %v, %v", s, err)
	}
	data = signed(t)
	at := bytes.LastIndex(data, []byte("Contoso Code Signing"))
	data[at] ^= 1 // in the certificate, which then is no longer the signer's
	if s, err := Read(t.Context(), bytes.NewReader(data), int64(len(data))); err == nil && s.Intact == nil && s.Signer.Subject.CommonName == "Contoso Code Signing" {
		t.Error("a changed certificate was taken")
	}
}

func TestReadWithoutSignature(t *testing.T) {
	t.Parallel()
	data := signed(t)
	clear(data[0x98+112+8*4 : 0x98+112+8*5]) // the entry of the signature
	if _, err := Read(t.Context(), bytes.NewReader(data), int64(len(data))); !errors.Is(err, ErrMissing) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	data := signed(f)
	at := bytes.Index(data, []byte{0x30, 0x82}) // where the signature starts
	f.Add(data[at:])
	f.Fuzz(func(_ *testing.T, der []byte) { _, _, _ = parse(der) })
}
