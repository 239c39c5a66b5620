package engine

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// osquery's regular expressions are ECMAScript's. Go's regexp means the same by all that both know, and its time is
// linear in the text, so a pattern goes to it where it compiles; (?i) comes as an extra. Look-ahead and back-references
// go to a backtracking matcher with a time limit.
const (
	maxRegex      = 256 // bytes, as in osquery
	backtrackTime = 100 * time.Millisecond
	maxRegexes    = 64 // kept by a connection during a statement
	keepRegexes   = 16 // between statements
)

// regex is a compiled pattern of either kind.
type regex struct {
	linear    *regexp.Regexp
	backtrack *regexp2.Regexp
}

// regexCache keeps what a connection has compiled: a statement calls a function with the same pattern for each row.
type regexCache struct{ compiled map[string]*regex }

func (c *regexCache) trim() {
	if len(c.compiled) > keepRegexes {
		c.compiled = nil
	}
}

//nolint:staticcheck // osquery's texts
var (
	errRegex       = errors.New("Invalid regex")
	errRegexTooBig = errors.New("Invalid regex: too big")
	errRegexText   = errors.New("Invalid text: longer than 64 KiB for a regex with look-ahead or back-references")
	errRegexTime   = errors.New("regex takes too long on this text: it backtracks for more than 100 ms")
)

// get compiles a pattern, or gives the one compiled before.
func (c *regexCache) get(pattern string) (*regex, error) {
	if len(pattern) > maxRegex {
		return nil, errRegexTooBig
	}
	if r := c.compiled[pattern]; r != nil {
		return r, nil
	}
	pattern = strings.Clone(pattern) // it is a view of SQLite's memory
	r, err := compileRegex(pattern)
	if err != nil {
		return nil, err
	}
	if c.compiled == nil || len(c.compiled) >= maxRegexes {
		c.compiled = map[string]*regex{}
	}
	c.compiled[pattern] = r
	return r, nil
}

func compileRegex(pattern string) (*regex, error) {
	linear, err := regexp.Compile(pattern)
	if err == nil {
		return &regex{linear: linear}, nil
	}
	// Only what Go lacks goes on. A look-behind or a name for a group is no ECMAScript of osquery's.
	problem := (*syntax.Error)(nil)
	if !errors.As(err, &problem) || strings.Contains(pattern, "(?<") || strings.Contains(pattern, "(?P") {
		return nil, errRegex
	}
	backtrack, err := compileBacktrack(pattern)
	if err != nil {
		return nil, errRegex
	}
	return &regex{backtrack: backtrack}, nil
}

func compileBacktrack(pattern string) (r *regexp2.Regexp, err error) {
	defer func() {
		if p := recover(); p != nil { // the parser's answer to some broken patterns
			err = fmt.Errorf("parse: %v", p)
		}
	}()
	r, err = regexp2.Compile(posixClasses.Replace(pattern), regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	r.MatchTimeout = backtrackTime
	return r, nil
}

// posixClasses writes out the classes that the backtracking matcher's ECMAScript does not have.
var posixClasses = strings.NewReplacer(
	"[:alpha:]", "a-zA-Z", "[:digit:]", "0-9", "[:alnum:]", "a-zA-Z0-9", "[:upper:]", "A-Z", "[:lower:]", "a-z",
	"[:space:]", `\s`, "[:blank:]", ` \t`, "[:xdigit:]", "0-9a-fA-F", "[:word:]", `\w`, "[:cntrl:]", `\x00-\x1f\x7f`,
	"[:punct:]", `!-/:-@\[-`+"`"+`{-~`, "[:print:]", ` -~`, "[:graph:]", `!-~`,
)

// slowText is the length from which a text is read rune by rune, so that a long match can be ended. The backtracking
// matcher refuses it: it looks at its clock each 1,000 steps, and a step may run over the whole text.
const slowText = 64 << 10

// find gives the groups of the first match: byte offsets in pairs, -1 for a group without a match; nil for no match.
func (r *regex) find(c *conn, text string) ([]int, error) {
	all, err := r.findAll(c, text, 1)
	if len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// findAll gives the groups of up to n matches, -1 for all.
func (r *regex) findAll(c *conn, text string, n int) ([][]int, error) {
	if r.backtrack != nil {
		return r.backtrackAll(c, text, n)
	}
	if len(text) <= slowText {
		return r.linear.FindAllStringSubmatchIndex(text, n), nil
	}
	var all [][]int
	for from := 0; from <= len(text) && (n < 0 || len(all) < n); {
		reader := &interruptible{conn: c, text: text[from:]}
		found := r.linear.FindReaderSubmatchIndex(reader)
		if reader.err != nil {
			return nil, reader.err
		}
		if found == nil {
			break
		}
		for i := range found {
			if found[i] >= 0 {
				found[i] += from
			}
		}
		all = append(all, found)
		if from = found[1]; found[0] == found[1] {
			from++
		}
	}
	return all, nil
}

// backtrackAll matches on runes, as the matcher does, and counts back to bytes.
func (r *regex) backtrackAll(c *conn, text string, n int) ([][]int, error) {
	if len(text) > slowText {
		return nil, errRegexText
	}
	runes := []rune(text)
	offsets := make([]int, 0, len(runes)+1)
	for i := range text {
		offsets = append(offsets, i)
	}
	offsets = append(offsets, len(text))
	var all [][]int
	match, err := r.backtrack.FindRunesMatch(runes)
	for ; err == nil && match != nil && (n < 0 || len(all) < n); match, err = r.backtrack.FindNextMatch(match) {
		var found []int
		for _, group := range match.Groups() {
			if len(group.Captures) == 0 {
				found = append(found, -1, -1)
				continue
			}
			found = append(found, offsets[group.Index], offsets[group.Index+group.Length])
		}
		all = append(all, found)
		if err := c.interrupted(); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, errRegexTime
	}
	return all, nil
}

// interruptible reads a text rune by rune and ends early when the statement must.
type interruptible struct {
	conn *conn
	text string
	read int
	err  error
}

func (r *interruptible) ReadRune() (rune, int, error) {
	if r.read++; r.read%4096 == 0 {
		r.err = r.conn.interrupted()
	}
	if r.err != nil || r.text == "" {
		return 0, 0, io.EOF
	}
	c, size := utf8.DecodeRuneInString(r.text)
	r.text = r.text[size:]
	return c, size, nil
}

// regexMatch gives a group of the first match.
func regexMatch(k *call) error {
	if k.anyNull() {
		return nil
	}
	r, err := k.conn.regexes.get(k.text(1))
	if err != nil {
		return err
	}
	text := k.text(0)
	found, err := r.find(k.conn, text)
	if err != nil {
		return err
	}
	group := k.int(2)
	if group < 0 || group >= int64(len(found)/2) || found[2*group] < 0 {
		return nil
	}
	return k.giveText(text[found[2*group]:found[2*group+1]])
}

// regexSplit gives a piece of the text cut at the matches. Empty pieces count, but for one at the end.
func regexSplit(k *call) error {
	if k.anyNull() {
		return nil
	}
	pattern := k.text(1)
	if pattern == "" {
		return errSplitInput
	}
	r, err := k.conn.regexes.get(pattern)
	if err != nil {
		return err
	}
	text := k.text(0)
	matches, err := r.findAll(k.conn, text, -1)
	if err != nil {
		return err
	}
	pieces := make([]string, 0, len(matches)+1)
	end := 0
	for _, m := range matches {
		pieces = append(pieces, text[end:m[0]])
		end = m[1]
	}
	if end < len(text) || len(matches) == 0 {
		pieces = append(pieces, text[end:])
	}
	return k.givePiece(pieces, 2, strings.Clone)
}
