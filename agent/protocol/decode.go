package protocol

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// strict refuses what nobody who speaks the protocol sends. Bytes that are no UTF-8 are another matter: a host has such
// names, and a row that holds them must not cost its batch; they are read as U+FFFD.
var strict = json.JoinOptions(json.RejectUnknownMembers(true), jsontext.AllowInvalidUTF8(true))

// Decode reads one JSON value of at most DepthMax levels into v. Unknown fields, fields that come twice, a second value
// and deeper nesting are errors.
func Decode(data []byte, v any) error {
	if err := checkDepth(data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, v, strict); err != nil {
		return fmt.Errorf("decode message: %w", err)
	}
	return nil
}

// checkDepth looks at brackets outside strings only: it need not know whether the rest is JSON.
func checkDepth(data []byte) error {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > DepthMax {
				return fmt.Errorf("decode message: nested deeper than %d", DepthMax)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
