package engine

import (
	"strconv"
	"strings"
	"unicode/utf8"

	lib "modernc.org/sqlite/lib"
)

// safeFunctions replace those of SQLite's own whose time grows with the product of two arguments: on two texts of some
// MiB they would run for hours, and nothing looks at the clock inside them. They mean the same.
var safeFunctions = []function{
	{name: "instr", min: 2, max: 2, run: instr},
	{name: "replace", min: 3, max: 3, run: replace},
	{name: "trim", min: 1, max: 2, run: trimming(strings.TrimFunc)},
	{name: "ltrim", min: 1, max: 2, run: trimming(strings.TrimLeftFunc)},
	{name: "rtrim", min: 1, max: 2, run: trimming(strings.TrimRightFunc)},
	{name: "unhex", min: 1, max: 2, run: unhex},
}

// instr counts characters or, between two blobs, bytes, from 1.
func instr(k *call) error {
	if k.anyNull() {
		return nil
	}
	blobs := k.kind(0) == lib.SQLITE_BLOB && k.kind(1) == lib.SQLITE_BLOB
	text := k.text(0)
	i := strings.Index(text, k.text(1))
	switch {
	case i < 0:
		return k.giveInt(0)
	case blobs:
		return k.giveInt(int64(i) + 1)
	}
	return k.giveInt(int64(utf8.RuneCountInString(text[:i])) + 1)
}

func replace(k *call) error {
	if k.anyNull() {
		return nil
	}
	text, old, replacement := k.text(0), k.text(1), k.text(2)
	if old == "" {
		return k.giveText(strings.Clone(text))
	}
	if n := strings.Count(text, old); len(text)+n*(len(replacement)-len(old)) > maxValue {
		lib.Xsqlite3_result_error_toobig(k.conn.tls, k.result)
		return nil
	}
	return k.giveText(strings.ReplaceAll(text, old, replacement))
}

// trimming removes blanks or the characters of the second argument.
func trimming(trim func(string, func(rune) bool) string) func(*call) error {
	return func(k *call) error {
		if k.anyNull() {
			return nil
		}
		if k.n == 1 {
			return k.giveText(trim(k.text(0), func(r rune) bool { return r == ' ' }))
		}
		chars := map[rune]bool{}
		for _, r := range k.text(1) {
			chars[r] = true
		}
		return k.giveText(trim(k.text(0), func(r rune) bool { return chars[r] }))
	}
}

// unhex gives the blob that hexadecimal digits spell, NULL where something else stands in the text. Characters of the
// second argument may stand between two bytes.
func unhex(k *call) error {
	if k.anyNull() {
		return nil
	}
	between := map[rune]bool{}
	if k.n == 2 {
		for _, r := range k.text(1) {
			between[r] = true
		}
	}
	text := k.text(0)
	blob := make([]byte, 0, len(text)/2)
	for i := 0; i < len(text); {
		r, width := utf8.DecodeRuneInString(text[i:])
		if strings.ContainsRune(hexAlphabet, r) {
			if i+1 >= len(text) || strings.IndexByte(hexAlphabet, text[i+1]) < 0 {
				return nil
			}
			b, err := strconv.ParseUint(text[i:i+2], 16, 8)
			if err != nil {
				return nil
			}
			blob = append(blob, byte(b))
			i += 2
			continue
		}
		if !between[r] {
			return nil
		}
		i += width
	}
	return k.giveBlob(blob)
}

const hexAlphabet = "0123456789abcdefABCDEF"
