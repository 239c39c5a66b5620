package packs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tenantra/tenantra/queries/document"
)

const (
	maxBytes = 5 << 20
	maxDepth = 32
)

// value is a JSON value with its place. Objects keep the order of their keys; no key comes twice.
type value struct {
	line, column int
	scalar       any // nil, bool, json.Number or string
	keys         []string
	members      map[string]*value // of an object
	items        []*value          // of a list
	kind         kind
}

type kind string

const (
	isScalar kind = "value"
	isObject kind = "object"
	isList   kind = "list"
)

// jsonReader reads osquery's kind of JSON: comments (//, #, /* */) are allowed, as is a line of a text that goes on
// after a backslash at its end.
type jsonReader struct {
	file    string
	text    []byte
	decoder *json.Decoder
}

func readJSON(file string, text []byte) (*value, error) {
	r := &jsonReader{file: file}
	if len(text) > maxBytes {
		return nil, r.at(1, 1, fmt.Sprintf("the file has %d bytes; at most %d are allowed", len(text), maxBytes))
	}
	if !utf8.Valid(text) {
		return nil, r.at(1, 1, "the file is not UTF-8 text")
	}
	r.text = blankComments(text)
	r.decoder = json.NewDecoder(bytes.NewReader(r.text))
	r.decoder.UseNumber()
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, r.here("something follows the end of the pack")
	}
	return v, nil
}

func (r *jsonReader) value(depth int) (*value, error) {
	if depth > maxDepth {
		return nil, r.here(fmt.Sprintf("nested more than %d deep", maxDepth))
	}
	r.decoder.More() // skips to the value, so that its place is right
	line, column := r.place(r.next())
	token, err := r.decoder.Token()
	if err != nil {
		return nil, r.syntax(err)
	}
	v := &value{line: line, column: column, kind: isScalar, scalar: token}
	switch token {
	case json.Delim('{'):
		v.kind, v.scalar, v.members = isObject, nil, map[string]*value{}
		for r.decoder.More() {
			keyLine, keyColumn := r.place(r.next())
			key, err := r.decoder.Token()
			if err != nil {
				return nil, r.syntax(err)
			}
			name := key.(string) // the decoder gives nothing else here
			if _, twice := v.members[name]; twice {
				return nil, r.at(keyLine, keyColumn, fmt.Sprintf("the key %q comes twice", name))
			}
			if v.members[name], err = r.value(depth + 1); err != nil {
				return nil, err
			}
			v.keys = append(v.keys, name)
		}
	case json.Delim('['):
		v.kind, v.scalar = isList, nil
		for r.decoder.More() {
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
	default:
		return v, nil
	}
	if _, err := r.decoder.Token(); err != nil { // the closing bracket
		return nil, r.syntax(err)
	}
	return v, nil
}

// next is the offset of the next token: the decoder's own is that of the token before, and separators lie between.
func (r *jsonReader) next() int {
	at := int(r.decoder.InputOffset())
	for at < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[at]) >= 0 {
		at++
	}
	return at
}

func (r *jsonReader) place(offset int) (line, column int) {
	before := r.text[:min(offset, len(r.text))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// syntax places an error of the decoder at the token that it could not read.
func (r *jsonReader) syntax(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		line, column := r.place(len(r.text))
		return r.at(line, column, "the file ends too early")
	}
	return r.here(err.Error())
}

func (r *jsonReader) here(message string) error {
	line, column := r.place(r.next())
	return r.at(line, column, message)
}

func (r *jsonReader) at(line, column int, message string) error {
	return &document.Error{File: r.file, Line: line, Column: column, Message: message}
}

// blankComments puts blanks where comments are, and where a text goes on in the next line, so that places stay right. A
// line break within a text becomes a blank, as does the backslash before it.
func blankComments(text []byte) []byte {
	out := bytes.Clone(text)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	for i := 0; i < len(out); i++ {
		switch {
		case out[i] == '"':
			for i++; i < len(out) && out[i] != '"'; i++ {
				if out[i] != '\\' {
					continue
				}
				rest := out[i+1:]
				if bytes.HasPrefix(rest, []byte("\n")) || bytes.HasPrefix(rest, []byte("\r\n")) {
					width := bytes.IndexByte(rest, '\n') + 1
					for j := range width + 1 {
						out[i+j] = ' '
					}
				}
				i++
			}
		case out[i] == '#' || bytes.HasPrefix(out[i:], []byte("//")):
			end := bytes.IndexByte(out[i:], '\n')
			if end < 0 {
				end = len(out) - i
			}
			blank(i, i+end)
			i += end
		case bytes.HasPrefix(out[i:], []byte("/*")):
			end := bytes.Index(out[i+2:], []byte("*/"))
			if end < 0 {
				end = len(out) - i - 4
			}
			blank(i, min(i+end+4, len(out)))
			i = min(i+end+3, len(out))
		}
	}
	return out
}
