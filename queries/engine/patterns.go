package engine

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	lib "modernc.org/sqlite/lib"
)

// LIKE and GLOB of SQLite's own take the product of the lengths of text and pattern, half a minute on 8 MiB and 1,000
// bytes, with no look at the clock. These mean the same and look.

// likePattern is a compiled pattern of either operator: segments that stand between the wildcards for any text. Each
// glyph of a segment matches exactly one character.
type likePattern struct {
	source   string
	escape   rune
	segments [][]glyph
	open     bool // a wildcard comes first: the first segment may start anywhere
	openEnd  bool // and one last
	fold     bool // A matches a
	never    bool
}

// glyph is one character, any character, or one of a class.
type glyph struct {
	char  rune // anyChar, or lower case where the pattern folds
	class *class
}

const anyChar = -1

// class is [a-z] of GLOB.
type class struct {
	ranges [][2]rune
	invert bool
}

func (c *class) has(r rune) bool {
	return c.invert != slices.ContainsFunc(c.ranges, func(lowHigh [2]rune) bool { return lowHigh[0] <= r && r <= lowHigh[1] })
}

const noEscape = -1

// compileLike reads a LIKE pattern. SQLite folds only ASCII.
func compileLike(source string, escape rune) *likePattern {
	p := &likePattern{source: source, escape: escape, fold: true}
	runes := []rune(source)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == escape:
			if i++; i == len(runes) {
				p.never = true
				return p
			}
			p.add(glyph{char: lower(runes[i])})
		case r == '%':
			p.gap()
		case r == '_':
			p.add(glyph{char: anyChar})
		default:
			p.add(glyph{char: lower(r)})
		}
	}
	return p
}

func compileGlob(source string) *likePattern {
	p := &likePattern{source: source, escape: noEscape}
	runes := []rune(source)
	for i := 0; i < len(runes); i++ {
		switch runes[i] {
		case '*':
			p.gap()
		case '?':
			p.add(glyph{char: anyChar})
		case '[':
			c, length := compileClass(runes[i+1:])
			if c == nil {
				p.never = true
				return p
			}
			p.add(glyph{class: c})
			i += length
		default:
			p.add(glyph{char: runes[i]})
		}
	}
	return p
}

// compileClass reads what follows a [ and gives its length with the ]; nil without one.
func compileClass(runes []rune) (c *class, length int) {
	c = &class{}
	i := 0
	if i < len(runes) && runes[i] == '^' {
		c.invert = true
		i++
	}
	for first := true; i < len(runes); first = false {
		r := runes[i]
		if r == ']' && !first {
			return c, i + 1
		}
		if i+2 < len(runes) && runes[i+1] == '-' && runes[i+2] != ']' {
			c.ranges = append(c.ranges, [2]rune{r, runes[i+2]})
			i += 3
			continue
		}
		c.ranges = append(c.ranges, [2]rune{r, r})
		i++
	}
	return nil, 0
}

func (p *likePattern) add(t glyph) {
	if len(p.segments) == 0 || p.openEnd {
		p.segments = append(p.segments, nil)
		p.openEnd = false
	}
	last := &p.segments[len(p.segments)-1]
	*last = append(*last, t)
}

func (p *likePattern) gap() {
	if len(p.segments) == 0 {
		p.open = true
	}
	p.openEnd = true
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// matcher runs a pattern over a text and counts its steps.
type matcher struct {
	conn  *conn
	p     *likePattern
	text  string
	steps int
	err   error
}

const stepsBetweenLooks = 1 << 16

// match tells whether the whole text is as the pattern says. It takes each segment where it first fits, which is right
// since only the last one is bound to a place after it.
func (m *matcher) match() bool {
	p, at := m.p, 0
	if p.never {
		return false
	}
	segments := p.segments
	if len(segments) == 0 {
		return p.openEnd || m.text == ""
	}
	if !p.open {
		if at = m.fits(segments[0], 0); at < 0 {
			return false
		}
		segments = segments[1:]
		if len(segments) == 0 {
			return p.openEnd || at == len(m.text)
		}
	}
	for i, segment := range segments {
		if i == len(segments)-1 && !p.openEnd {
			return m.fitsAtEnd(segment, at)
		}
		if at = m.search(segment, at); at < 0 {
			return false
		}
	}
	return true
}

// fits gives where the segment ends that starts at a place, or -1.
func (m *matcher) fits(segment []glyph, at int) int {
	if m.steps += len(segment); m.steps >= stepsBetweenLooks {
		m.steps = 0
		if m.err = m.conn.interrupted(); m.err != nil {
			return -1
		}
	}
	for i := range segment {
		if at >= len(m.text) {
			return -1
		}
		r, size := rune(m.text[at]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(m.text[at:])
		}
		if !m.p.one(&segment[i], r) {
			return -1
		}
		at += size
	}
	return at
}

func (p *likePattern) one(t *glyph, r rune) bool {
	switch {
	case t.class != nil:
		return t.class.has(r)
	case t.char == anyChar || t.char == r:
		return true
	}
	return p.fold && t.char == lower(r)
}

// search gives where the segment ends that first fits at or after a place, or -1.
func (m *matcher) search(segment []glyph, at int) int {
	first := segment[0]
	quick := first.class == nil && first.char >= 0 && first.char < utf8.RuneSelf
	for ; at <= len(m.text); at++ {
		if quick {
			if at = m.next(byte(first.char), at); at < 0 {
				return -1
			}
		} else if at < len(m.text) && !utf8.RuneStart(m.text[at]) {
			continue
		}
		if end := m.fits(segment, at); end >= 0 || m.err != nil {
			return end
		}
	}
	return -1
}

// next finds a byte, or its upper case where the pattern folds.
func (m *matcher) next(c byte, at int) int {
	if !m.p.fold || c < 'a' || c > 'z' {
		i := strings.IndexByte(m.text[at:], c)
		if i < 0 {
			return -1
		}
		return at + i
	}
	for ; at < len(m.text); at++ {
		if m.text[at]|0x20 == c {
			return at
		}
	}
	return -1
}

// fitsAtEnd tells whether the text ends with the segment, which starts at a place or later.
func (m *matcher) fitsAtEnd(segment []glyph, at int) bool {
	start := len(m.text)
	for range segment {
		if start <= at {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(m.text[at:start])
		start -= size
	}
	return m.fits(segment, start) == len(m.text)
}

var patternFunctions = []function{
	{name: "like", min: 2, max: 3, run: like},
	{name: "glob", min: 2, max: 2, run: glob},
}

var (
	errPattern = errors.New("LIKE or GLOB pattern too complex: it is longer than 1000 bytes")
	errEscape  = errors.New("ESCAPE expression must be a single character")
)

// like is also what x LIKE y calls, with the pattern first.
func like(k *call) error {
	if k.anyNull() {
		return nil
	}
	escape := rune(noEscape)
	if k.n == 3 {
		r, size := utf8.DecodeRuneInString(k.text(2))
		if size == 0 || size != len(k.text(2)) {
			return errEscape
		}
		escape = r
	}
	return k.matchPattern(&k.conn.like, escape, func(source string) *likePattern { return compileLike(source, escape) })
}

func glob(k *call) error {
	if k.anyNull() {
		return nil
	}
	return k.matchPattern(&k.conn.glob, noEscape, compileGlob)
}

// matchPattern compiles the pattern unless the last call had the same.
func (k *call) matchPattern(last **likePattern, escape rune, compile func(string) *likePattern) error {
	if k.kind(0) == lib.SQLITE_BLOB || k.kind(1) == lib.SQLITE_BLOB {
		return k.giveBool(false) // as SQLite is built
	}
	source := k.text(0)
	if len(source) > maxPattern {
		return errPattern
	}
	p := *last
	if p == nil || p.source != source || p.escape != escape {
		p = compile(strings.Clone(source))
		*last = p
	}
	m := matcher{conn: k.conn, p: p, text: k.text(1)}
	matches := m.match()
	if m.err != nil {
		return m.err
	}
	return k.giveBool(matches)
}
