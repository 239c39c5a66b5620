package tables

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// IntValue is an integer cell.
func IntValue(v int64) Value { return Value{Kind: ValueInt, Int: v} }

// FloatValue is a floating-point cell.
func FloatValue(v float64) Value { return Value{Kind: ValueFloat, Float: v} }

// TextValue is a text cell.
func TextValue(v string) Value { return Value{Kind: ValueText, Text: v} }

// BlobValue is a cell of bytes.
func BlobValue(v []byte) Value { return Value{Kind: ValueBlob, Text: string(v)} }

// String is the cell as people read it; NULL is "NULL", a blob is hexadecimal.
func (v Value) String() string {
	switch v.Kind {
	case ValueInt:
		return strconv.FormatInt(v.Int, 10)
	case ValueFloat:
		return string(appendFloat(nil, v.Float))
	case ValueText:
		return v.Text
	case ValueBlob:
		return fmt.Sprintf("%x", v.Text)
	default:
		return "NULL"
	}
}

// Any is the cell as nil, int64, float64, string or []byte.
func (v Value) Any() any {
	switch v.Kind {
	case ValueInt:
		return v.Int
	case ValueFloat:
		return v.Float
	case ValueText:
		return v.Text
	case ValueBlob:
		return []byte(v.Text)
	default:
		return nil
	}
}

// MarshalJSON writes null, a number, a string, or {"blob": base64}. A float always has a point or an exponent, so that
// it stays one when read back; an infinite one, which JSON lacks, is null.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON writes.
func (v Value) AppendJSON(dst []byte) ([]byte, error) {
	switch v.Kind {
	case ValueInt:
		return strconv.AppendInt(dst, v.Int, 10), nil
	case ValueFloat:
		return appendFloat(dst, v.Float), nil
	case ValueText:
		if isPlain(v.Text) { // most cells
			return append(append(append(dst, '"'), v.Text...), '"'), nil
		}
		text, err := json.Marshal(v.Text)
		return append(dst, text...), err
	case ValueBlob:
		dst = append(dst, `{"blob":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(v.Text))
		return append(dst, `"}`...), nil
	default:
		return append(dst, "null"...), nil
	}
}

// isPlain tells that json.Marshal would write the text as it is, between quotes.
func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func appendFloat(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return append(dst, "null"...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// UnmarshalJSON reads what MarshalJSON wrote; true and false are 1 and 0.
func (v *Value) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		*v = Value{}
	case 't':
		*v = IntValue(1)
	case 'f':
		*v = IntValue(0)
	case '"':
		*v = Value{Kind: ValueText}
		if inner := data[1 : len(data)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) { // most cells
			v.Text = string(inner)
			return nil
		}
		return json.Unmarshal(data, &v.Text)
	case '{':
		var blob struct {
			Blob *[]byte `json:"blob"`
		}
		if err := json.Unmarshal(data, &blob); err != nil || blob.Blob == nil {
			return fmt.Errorf("a cell is null, a number, a string or a blob, not %.40s", data)
		}
		*v = BlobValue(*blob.Blob)
	default:
		text := string(data)
		if !strings.ContainsAny(text, ".eE") {
			i, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return fmt.Errorf("cell %.40s: not a 64-bit integer", text)
			}
			*v = IntValue(i)
			return nil
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("cell %.40s: not a number", text)
		}
		*v = FloatValue(f)
	}
	return nil
}
