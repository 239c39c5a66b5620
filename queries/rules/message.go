package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The bounds of a message.
const (
	maxTemplate = 4 << 10
	maxCell     = 1000 // characters that one placeholder gives
	maxMessage  = 16 << 10
)

// Message is a text with placeholders such as {{ rows[0].value }}. A placeholder is a path: a root, then members and
// indices. It calls nothing and computes nothing. Roots are
//
//	rows       all rows          rows[0].column
//	failing    the failing rows  failing[0].column
//	count      how many rows there are; failing_count, how many fail
//	params, agent, threshold     as in expressions
//
// What a path does not find is told in the text: "(no such row)", "(not known)" for NULL. The result is plain text;
// whoever sends it escapes it for its channel. A Message is safe for concurrent use.
type Message struct {
	source string
	parts  []part
}

// part is literal text, or a path where steps is not empty.
type part struct {
	text  string
	steps []step
}

// step is a member, or an index where name is empty.
type step struct {
	name  string
	index int
}

// ParseMessage reads a message and checks its paths against the environment. An error is an *Error.
func ParseMessage(source string, env Environment) (*Message, error) {
	if len(source) > maxTemplate {
		return nil, &Error{1, 1, fmt.Sprintf("the text has %d bytes; at most %d are allowed", len(source), maxTemplate)}
	}
	m := &Message{source: source}
	rest, at := source, 0
	for {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			m.parts = append(m.parts, part{text: before})
		}
		if !found {
			return m, nil
		}
		at += len(before)
		path, tail, closed := strings.Cut(after, "}}")
		if !closed {
			return nil, messageError(source, at, "this {{ has no }}")
		}
		steps, err := parsePath(strings.TrimSpace(path))
		if err == nil {
			err = checkPath(steps, env)
		}
		if err != nil {
			return nil, messageError(source, at, err.Error())
		}
		m.parts = append(m.parts, part{text: path, steps: steps})
		at += len("{{") + len(path) + len("}}")
		rest = tail
	}
}

func messageError(source string, at int, text string) error {
	before := source[:at]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
	return &Error{line, column, text}
}

// String is the message's source.
func (m *Message) String() string { return m.source }

// Fill gives the text for rows and the failing ones among them.
func (m *Message) Fill(in Input, failing []Row) string {
	var b strings.Builder
	for _, p := range m.parts {
		if p.steps == nil {
			b.WriteString(p.text)
			continue
		}
		b.WriteString(lookUp(p.steps, in, failing))
		if b.Len() > maxMessage {
			return b.String()[:cut(b.String(), maxMessage)] + "…"
		}
	}
	return b.String()
}

// parsePath reads root.member[0].member.
func parsePath(path string) ([]step, error) {
	wrong := fmt.Errorf("a placeholder is a path such as rows[0].column, params.name or agent.hostname, not %q", path)
	var steps []step
	for rest := path; rest != "" || steps == nil; {
		switch {
		case steps != nil && rest[0] == '[':
			digits, after, closed := strings.Cut(rest[1:], "]")
			index, err := strconv.ParseUint(digits, 10, 31)
			if !closed || err != nil {
				return nil, wrong
			}
			steps = append(steps, step{index: int(index)})
			rest = after
		case steps == nil || rest[0] == '.':
			if steps != nil {
				rest = rest[1:]
			}
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if !isName(rest[:end]) {
				return nil, wrong
			}
			steps = append(steps, step{name: rest[:end]})
			rest = rest[end:]
		default:
			return nil, wrong
		}
	}
	return steps, nil
}

func checkPath(steps []step, env Environment) error {
	member := func(known []string, what string) error {
		if len(steps) < 2 || steps[1].name == "" {
			return fmt.Errorf("name one: %s.%s", steps[0].name, what)
		}
		if !slices.Contains(known, steps[1].name) {
			return fmt.Errorf("%s has no %s; it has %s", steps[0].name, steps[1].name, strings.Join(known, ", "))
		}
		return nil
	}
	switch root := steps[0].name; root {
	case "rows", "failing":
		if len(steps) != 3 || steps[1].name != "" || steps[2].name == "" {
			return fmt.Errorf("name a cell: %s[0].column", root)
		}
		if column := steps[2].name; !slices.Contains(env.Columns, column) {
			return fmt.Errorf("the rows have no column %q; they have %s", column, strings.Join(slices.Sorted(slices.Values(env.Columns)), ", "))
		}
		return nil
	case "count", "failing_count", "threshold":
		if len(steps) > 1 {
			return fmt.Errorf("%s is a number and has no parts", root)
		}
		return nil
	case "params":
		return member(slices.Sorted(maps.Keys(env.Params)), "name")
	case "agent":
		return member(slices.Sorted(maps.Keys(agentType)), "hostname")
	default:
		return fmt.Errorf("there is no %s; use rows, failing, count, failing_count, params, agent or threshold", root)
	}
}

func lookUp(steps []step, in Input, failing []Row) string {
	var value any
	switch steps[0].name {
	case "rows", "failing":
		rows := in.Rows
		if steps[0].name == "failing" {
			rows = failing
		}
		if steps[1].index >= len(rows) {
			return "(no such row)"
		}
		return show(rows[steps[1].index][steps[2].name])
	case "count":
		return strconv.Itoa(len(in.Rows))
	case "failing_count":
		return strconv.Itoa(len(failing))
	case "threshold":
		return strconv.Itoa(in.Threshold)
	case "params":
		value = map[string]any(in.Params)
	case "agent":
		value = in.Agent.value()
	}
	for _, s := range steps[1:] {
		switch v := value.(type) {
		case map[string]any:
			value = v[s.name]
		case []any:
			if s.name != "" || s.index >= len(v) {
				return "(not known)"
			}
			value = v[s.index]
		default:
			return "(not known)"
		}
	}
	return show(value)
}

func show(value any) string {
	var text string
	switch v := value.(type) {
	case nil:
		return "(not known)"
	case string:
		text = v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []any:
		words := make([]string, len(v))
		for i, element := range v {
			words[i] = show(element)
		}
		text = strings.Join(words, ", ")
	default:
		text = fmt.Sprint(v)
	}
	if len(text) > maxCell {
		text = text[:cut(text, maxCell)] + "…"
	}
	return text
}

// cut gives a length of at most n that does not part a character.
func cut(text string, n int) int {
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}
