package engine

import (
	"crypto/md5"  // #nosec G501 -- a SQL function that public queries call
	"crypto/sha1" // #nosec G505 -- likewise
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

var digestFunctions = []function{
	{name: "md5", min: 1, max: 1, run: digest(func(b []byte) []byte { d := md5.Sum(b); return d[:] })},   // #nosec G401
	{name: "sha1", min: 1, max: 1, run: digest(func(b []byte) []byte { d := sha1.Sum(b); return d[:] })}, // #nosec G401
	{name: "sha256", min: 1, max: 1, run: digest(func(b []byte) []byte { d := sha256.Sum256(b); return d[:] })},
	{name: "to_base64", min: 1, max: 1, run: toBase64},
	{name: "from_base64", min: 1, max: 1, run: fromBase64},
	{name: "conditional_to_base64", min: 1, max: 1, run: conditionalToBase64},
}

// digest is of the text up to its first NUL, as osquery's C strings end there.
func digest(sum func([]byte) []byte) func(*call) error {
	return func(k *call) error {
		if k.anyNull() {
			return nil
		}
		text, _, _ := strings.Cut(k.text(0), "\x00")
		return k.giveText(hex.EncodeToString(sum([]byte(text))))
	}
}

func toBase64(k *call) error {
	if k.anyNull() {
		return nil
	}
	return k.giveText(base64.StdEncoding.EncodeToString([]byte(k.text(0))))
}

// fromBase64 gives ” for what is no base64.
func fromBase64(k *call) error {
	if k.anyNull() {
		return nil
	}
	text := strings.NewReplacer("\r", "", "\n", "").Replace(k.text(0))
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return k.giveText("")
	}
	return k.giveText(string(decoded))
}

func conditionalToBase64(k *call) error {
	if k.anyNull() {
		return nil
	}
	for _, b := range []byte(k.text(0)) {
		if b < 0x20 || b > 0x7e {
			return toBase64(k)
		}
	}
	return k.giveText(strings.Clone(k.text(0)))
}
