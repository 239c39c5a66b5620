package protocol

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSignatureHoldsForItsPurposeOnly(t *testing.T) {
	t.Parallel()
	public, private, _ := ed25519.GenerateKey(nil)
	header := HeartbeatHeader{TenantID: "t", AgentID: "a", Timestamp: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	signed, err := Sign(private, PurposeHeartbeat, header)
	if err != nil {
		t.Fatal(err)
	}
	var got HeartbeatHeader
	if err := signed.Open(public, PurposeHeartbeat, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(header, got); diff != "" {
		t.Error(diff)
	}
	altered := Signed{Payload: []byte(strings.Replace(string(signed.Payload), `"a"`, `"b"`, 1)), Signature: signed.Signature}
	other, _, _ := ed25519.GenerateKey(nil)
	for name, err := range map[string]error{
		"another purpose": signed.Open(public, PurposeBatch, &got),
		"another key":     signed.Open(other, PurposeHeartbeat, &got),
		"altered payload": altered.Open(public, PurposeHeartbeat, &got),
		"no key":          signed.Open(nil, PurposeHeartbeat, &got),
		"no signature":    Signed{Payload: signed.Payload}.Open(public, PurposeHeartbeat, &got),
	} {
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v, want ErrSignature", name, err)
		}
	}
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"unknown field": `{"query_id":"x","sql":"select 1"}`,
		"two values":    `{"query_id":"x"}{}`,
		"wrong type":    `{"query_id":1}`,
		"too deep":      `{"query_id":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`,
		"cut":           `{"query_id":`,
		"nothing":       ``,
	} {
		var c Cancel
		if err := Decode([]byte(text), &c); err == nil {
			t.Errorf("%s was accepted: %+v", name, c)
		}
	}
	var c Cancel
	if err := Decode([]byte(`{"query_id":"`+strings.Repeat("[", 100)+`\"["}`), &c); err != nil {
		t.Errorf("brackets in a string count as depth: %v", err)
	}
}

func TestTokenShowsTypingErrors(t *testing.T) {
	t.Parallel()
	secret := NewEnrollSecret([SecretSize]byte{1}, [SecretSize]byte{2})
	token := secret.String()
	got, err := ParseEnrollSecret(" " + token + "\n")
	if err != nil || got != secret {
		t.Fatalf("%v: %v", got, err)
	}
	for name, bad := range map[string]string{
		"empty":           "",
		"one char off":    token[:10] + flip(token[10]) + token[11:],
		"cut":             token[:len(token)-3],
		"other prefix":    "tnt_" + token[4:],
		"NUL":             token + "\x00",
		"a mebibyte":      EnrollPrefix + strings.Repeat("A", 1<<20),
		"right kind, sum": FormatToken(EnrollPrefix, []byte("short")),
	} {
		if _, err := ParseEnrollSecret(bad); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v, want ErrToken", name, err)
		}
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"header":{"payload":"e30=","signature":""},"added":[[1,2.5,"x",null,{"blob":""}]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b Batch
		if Decode(data, &b) == nil {
			var h BatchHeader
			_ = b.Header.Open(make([]byte, ed25519.PublicKeySize), PurposeBatch, &h)
		}
	})
}

func FuzzParseEnrollSecret(f *testing.F) {
	f.Add(NewEnrollSecret([SecretSize]byte{}, [SecretSize]byte{}).String())
	f.Fuzz(func(t *testing.T, token string) {
		if s, err := ParseEnrollSecret(token); err == nil && s.String() != strings.TrimSpace(token) {
			t.Errorf("%q is read as %q", token, s)
		}
	})
}
