// Package document reads a YAML file that a person wrote: a check, a framework, a pack. It takes no more of YAML than
// such files need, so that what is read is what the person meant, and it can say where in the file a mistake is.
//
// Refused are unknown and repeated keys, anchors, aliases, tags, merge keys, more than one document, numbers with a
// leading zero (0640 is octal to some readers and decimal to others), more than 5 MiB, 32 levels, or
// 2,000 keys of one mapping.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxBytes = 5 << 20
	maxDepth = 32
	maxKeys  = 2000 // of one mapping
)

// Error is a mistake in a file.
type Error struct {
	File         string
	Line, Column int // from 1
	Message      string
}

// Error reads "file:line:column: message".
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Document is a file that was read.
type Document struct {
	file  string
	lines []string
	root  ast.Node
}

// Decode reads a file into a struct with yaml tags. Every error is an *Error.
func Decode(file string, text []byte, into any) (*Document, error) {
	d := &Document{file: file}
	if len(text) > maxBytes {
		return nil, d.at(1, 1, fmt.Sprintf("the file has %d bytes; at most %d are allowed", len(text), maxBytes))
	}
	if !utf8.Valid(text) || bytes.ContainsRune(text, 0) {
		return nil, d.at(1, 1, "the file is not UTF-8 text")
	}
	source := string(text)
	d.lines = strings.Split(source, "\n")
	if err := d.lookAhead(source); err != nil {
		return nil, err
	}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, d.wrap(err)
	}
	var bodies []ast.Node
	for _, doc := range parsed.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType && doc.Body.Type() != ast.CommentGroupType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
		return nil, d.at(1, 1, "the file is empty")
	case 1:
		d.root = bodies[0]
	default:
		where := bodies[1].GetToken().Position
		return nil, d.at(where.Line, where.Column, "a second document begins here: write one thing a file")
	}
	if err := d.vet(d.root, 0); err != nil {
		return nil, err
	}
	if err := yaml.NodeToValue(d.root, into, yaml.Strict()); err != nil {
		return nil, d.wrap(err)
	}
	return d, nil
}

// lookAhead refuses what would keep the parser busy: it takes quadratic time on deep nesting and on many keys.
func (d *Document) lookAhead(source string) error {
	type level struct{ column, keys int }
	var blocks []level // by indentation
	var flows []level  // within brackets
	entries, line := 0, 0
	for _, t := range lexer.Tokenize(source + "\n") { // the lexer drops a tag, anchor or alias that the text ends in
		at := t.Position
		if at.Line != line {
			line, entries = at.Line, 0
			for len(blocks) > 0 && blocks[len(blocks)-1].column > at.Column {
				blocks = blocks[:len(blocks)-1]
			}
			if len(blocks) == 0 || blocks[len(blocks)-1].column < at.Column {
				blocks = append(blocks, level{column: at.Column})
			}
		}
		top := &blocks[len(blocks)-1]
		if len(flows) > 0 {
			top = &flows[len(flows)-1]
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flows = append(flows, level{})
		case token.MappingEndType, token.SequenceEndType:
			flows = flows[:max(len(flows)-1, 0)]
		case token.SequenceEntryType:
			entries++
			top.keys = 0 // of the item that begins
		case token.MappingKeyType:
			entries++
		case token.MappingValueType:
			if top.keys++; top.keys > maxKeys {
				return d.at(at.Line, at.Column, fmt.Sprintf("a mapping has more than %d keys", maxKeys))
			}
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType:
			return d.at(at.Line, at.Column, fmt.Sprintf("%s: anchors, aliases, tags and merge keys are not allowed; put a text with such a character in quotes", strings.TrimSpace(t.Value)))
		}
		if max(len(flows), entries, len(blocks)) > maxDepth {
			return d.at(at.Line, at.Column, fmt.Sprintf("nested more than %d deep", maxDepth))
		}
	}
	return nil
}

// vet checks the tree's exact depth and its numbers.
func (d *Document) vet(node ast.Node, depth int) error {
	if node == nil {
		return nil
	}
	where := node.GetToken().Position
	if depth > maxDepth {
		return d.at(where.Line, where.Column, fmt.Sprintf("nested more than %d deep", maxDepth))
	}
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, value := range n.Values {
			if err := d.vet(value, depth); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		if err := d.vet(n.Key, depth+1); err != nil {
			return err
		}
		return d.vet(n.Value, depth+1)
	case *ast.SequenceNode:
		for _, value := range n.Values {
			if err := d.vet(value, depth+1); err != nil {
				return err
			}
		}
	case *ast.IntegerNode:
		if digits := strings.TrimLeft(n.GetToken().Value, "+-"); len(digits) > 1 && digits[0] == '0' {
			return d.at(where.Line, where.Column, fmt.Sprintf("%s may be read as octal or decimal: put it in quotes, or write the number without the zero", n.GetToken().Value))
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return d.at(where.Line, where.Column, "anchors, aliases, tags and merge keys are not allowed")
	}
	return nil
}

// ErrorAt is an error at the value that a path of keys and indices leads to, or at the deepest part that exists. A last
// step that begins with ":" means a key itself.
func (d *Document) ErrorAt(message string, path ...string) error {
	line, column := 1, 1
	node := d.root
	for _, step := range path {
		if key, ok := strings.CutPrefix(step, ":"); ok {
			if value := d.entry(node, key); value != nil {
				node = value.Key
			}
			break
		}
		next := d.child(node, step)
		if next == nil {
			break
		}
		node = next
	}
	if node != nil {
		line, column = position(node)
	}
	return d.at(line, column, message)
}

// Has tells whether a path of keys and indices leads to a value.
func (d *Document) Has(path ...string) bool {
	node := d.root
	for _, step := range path {
		if node = d.child(node, strings.TrimPrefix(step, ":")); node == nil {
			return false
		}
	}
	return true
}

// ErrorIn is an error at a line and column, both from 1, of the text that a path leads to.
func (d *Document) ErrorIn(line, column int, message string, path ...string) error {
	node := d.root
	for _, step := range path {
		if node = d.child(node, step); node == nil {
			return d.ErrorAt(message, path...)
		}
	}
	startLine, startColumn := position(node)
	if literal, ok := node.(*ast.LiteralNode); ok {
		first := startLine // index of the line after the | or >
		if !strings.HasPrefix(literal.Start.Value, "|") || first+line-1 >= len(d.lines) {
			return d.at(startLine, startColumn, message)
		}
		text := d.lines[first]
		indent := len(text) - len(strings.TrimLeft(text, " "))
		return d.at(first+line, indent+column, message)
	}
	if line > 1 {
		return d.at(startLine, startColumn, message)
	}
	switch node.GetToken().Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
		column++
	}
	return d.at(startLine, startColumn+column-1, message)
}

func (d *Document) child(node ast.Node, step string) ast.Node {
	if sequence, ok := node.(*ast.SequenceNode); ok {
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(sequence.Values) {
			return sequence.Values[i]
		}
		return nil
	}
	if entry := d.entry(node, step); entry != nil {
		return entry.Value
	}
	return nil
}

func (d *Document) entry(node ast.Node, key string) *ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, value := range n.Values {
			if value.Key.GetToken().Value == key {
				return value
			}
		}
	case *ast.MappingValueNode:
		if n.Key.GetToken().Value == key {
			return n
		}
	}
	return nil
}

// position gives where a node begins; a mapping begins at its first key.
func position(node ast.Node) (line, column int) {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && n.Start.Type != token.MappingStartType {
			return position(n.Values[0])
		}
	case *ast.MappingValueNode:
		return position(n.Key)
	case *ast.LiteralNode:
		return n.Start.Position.Line, n.Start.Position.Column
	}
	p := node.GetToken().Position
	return p.Line, p.Column
}

// wrap takes position and message out of the library's errors.
func (d *Document) wrap(err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return err
	}
	var library yaml.Error
	if errors.As(err, &library) {
		message := library.GetMessage()
		if message == "" {
			message = err.Error()
		}
		if t := library.GetToken(); t != nil {
			return d.at(t.Position.Line, t.Position.Column, message)
		}
		return d.at(1, 1, message)
	}
	return d.at(1, 1, err.Error())
}

func (d *Document) at(line, column int, message string) error {
	return &Error{File: d.file, Line: line, Column: column, Message: message}
}
