package engine

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/tenantra/tenantra/tables"
)

// AppendJSON appends the row as one JSON object, in column order. Numbers are numbers, NULL is null, a blob is base64,
// bytes that are no UTF-8 become U+FFFD; an infinite number, which JSON lacks, is null. Of several columns with one name
// the last is kept, as in osquery.
func AppendJSON(dst []byte, r *Row) []byte {
	if r.keys == nil {
		r.keys = jsonKeys(r.names)
	}
	dst = append(dst, '{')
	first := true
	for i, key := range r.keys {
		if key == "" {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, key...)
		dst = AppendJSONCell(dst, r, i)
	}
	return append(dst, '}')
}

// AppendJSONCell appends one cell as a JSON value, as AppendJSON does.
func AppendJSONCell(dst []byte, r *Row, i int) []byte {
	switch r.Type(i) {
	case tables.ValueInt:
		return strconv.AppendInt(dst, r.Int(i), 10)
	case tables.ValueFloat:
		return appendJSONFloat(dst, r.Float(i))
	case tables.ValueText:
		return appendJSONText(dst, r.Bytes(i))
	case tables.ValueBlob:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, r.Bytes(i))
		return append(dst, '"')
	default:
		return append(dst, "null"...)
	}
}

func jsonKeys(names []string) []string {
	last := make(map[string]int, len(names))
	for i, name := range names {
		last[name] = i
	}
	keys := make([]string, len(names))
	for i, name := range names {
		if last[name] == i {
			keys[i] = string(append(appendJSONText(nil, []byte(name)), ':'))
		}
	}
	return keys
}

func appendJSONFloat(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return append(dst, "null"...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	n := len(dst)
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	for _, c := range dst[n:] {
		if c == '.' || c == 'e' {
			return dst
		}
	}
	return append(dst, ".0"...) // 3.0 stays a float for whoever reads it back
}

const hexDigits = "0123456789abcdef"

func appendJSONText(dst, text []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			dst = append(dst, text[start:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			start = i
			continue
		}
		dst = append(dst, text[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}
