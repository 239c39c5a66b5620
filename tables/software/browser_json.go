package software

import (
	"bytes"
	"encoding/json"
	"errors"
)

// jsonText takes a string, a number or a boolean as text; of anything else it is empty.
type jsonText string

// UnmarshalJSON is part of json.Unmarshaler.
func (t *jsonText) UnmarshalJSON(data []byte) error {
	*t = ""
	switch {
	case len(data) == 0 || data[0] == '{' || data[0] == '[' || string(data) == "null":
		return nil
	case data[0] == '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = jsonText(s)
	default:
		*t = jsonText(data)
	}
	return nil
}

// browserFileMax bounds the files that are decoded: a small file can become many times its size in memory.
const browserFileMax = 8 << 20

// decodeJSON reads what browsers and their extensions write. Members of a wrong type are left out, not the whole file.
func decodeJSON(data []byte, into any) bool {
	if len(data) > browserFileMax {
		return false
	}
	err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), into)
	var wrongType *json.UnmarshalTypeError
	return err == nil || errors.As(err, &wrongType)
}

// compactJSON takes the white space out; what is no JSON is "".
func compactJSON(data []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) != nil {
		return ""
	}
	return b.String()
}
