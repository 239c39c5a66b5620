package plist

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// parseXML reads the XML format: <plist><dict><key>a</key><string>b</string></dict></plist>.
func parseXML(data []byte) (any, error) {
	p := xmlParser{decoder: xml.NewDecoder(bytes.NewReader(data)), left: newBudget()}
	start, err := p.next()
	if err != nil {
		return nil, fmt.Errorf("property list: %w", err)
	}
	if start != nil && start.Name.Local == "plist" {
		if start, err = p.next(); err != nil {
			return nil, fmt.Errorf("property list: %w", err)
		}
	}
	if start == nil {
		return nil, errors.New("property list: is empty")
	}
	value, err := p.value(start, 0)
	if err != nil {
		return nil, fmt.Errorf("property list: %w", err)
	}
	return value, nil
}

type xmlParser struct {
	decoder *xml.Decoder
	left    budget
}

// next gives the next element that starts, or nil where the one around it ends.
func (p *xmlParser) next() (*xml.StartElement, error) {
	for {
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// text reads up to the end of an element that holds only text.
func (p *xmlParser) text() (string, error) {
	var text strings.Builder
	for {
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			return "", io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			return text.String(), p.left.take(text.Len())
		case xml.StartElement:
			return "", fmt.Errorf("element %s within a text", t.Name.Local)
		}
	}
}

func (p *xmlParser) value(start *xml.StartElement, depth int) (any, error) {
	if depth > depthMax {
		return nil, errDepth
	}
	switch start.Name.Local {
	case "dict":
		return p.dict(depth)
	case "array":
		return p.array(depth)
	case "true", "false":
		_, err := p.text()
		return start.Name.Local == "true", err
	}
	text, err := p.text()
	if err != nil {
		return nil, err
	}
	switch start.Name.Local {
	case "string", "ustring":
		return text, nil
	case "integer":
		return parseInteger(strings.TrimSpace(text))
	case "real":
		return strconv.ParseFloat(strings.TrimSpace(text), 64)
	case "date":
		return time.Parse(time.RFC3339, strings.TrimSpace(text))
	case "data":
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	default:
		return nil, fmt.Errorf("unknown element %s", start.Name.Local)
	}
}

func parseInteger(text string) (any, error) {
	if v, err := strconv.ParseInt(text, 0, 64); err == nil {
		return v, nil
	}
	return strconv.ParseUint(text, 0, 64)
}

func (p *xmlParser) array(depth int) (any, error) {
	list := []any{}
	for {
		start, err := p.next()
		if err != nil {
			return nil, err
		}
		if start == nil {
			return list, p.left.take(0)
		}
		value, err := p.value(start, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
}

func (p *xmlParser) dict(depth int) (any, error) {
	dict := Dict{}
	for {
		start, err := p.next()
		if err != nil {
			return nil, err
		}
		if start == nil {
			return dict, p.left.take(0)
		}
		if start.Name.Local != "key" {
			return nil, fmt.Errorf("element %s in the place of a key", start.Name.Local)
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if start, err = p.next(); err != nil {
			return nil, err
		}
		if start == nil {
			return nil, fmt.Errorf("key %q has no value", key)
		}
		value, err := p.value(start, depth+1)
		if err != nil {
			return nil, err
		}
		dict[key] = value
	}
}
