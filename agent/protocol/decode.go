package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Decode reads one JSON value of at most DepthMax levels into v. Unknown fields, a second value and deeper nesting are
// errors.
func Decode(data []byte, v any) error {
	if err := checkDepth(data); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("decode message: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("decode message: more than one JSON value")
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
