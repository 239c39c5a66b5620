package notify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The product's own templates.
const (
	defaultSubject = "[{{ alert.severity }}] {{ alert.title }}"
	defaultBody    = "{{ alert.message }}\n\nWhat: {{ alert.notice }}\nSeverity: {{ alert.severity }}\nRule: {{ alert.rule }}\nMachines: {{ alert.hosts }} ({{ alert.members }} findings)\nTenant: {{ tenant.name }}\n{{ alert.link }}\n"
)

var placeholders = []string{"alert.title", "alert.message", "alert.severity", "alert.rule", "alert.state", "alert.notice", "alert.hosts", "alert.members", "alert.link", "tenant.name"}

const (
	templateBytes = 8000
	renderedBytes = 16 << 10
)

// pattern is a text with placeholders such as {{ alert.title }} or {{ labels.port }}. A placeholder names a value and
// nothing else: it calls nothing, and any other syntax is text. The result is plain text; each channel writes it in its own
// way.
type pattern struct {
	parts []part
}

// part is text, or the name of a value.
type part struct{ text, name string }

func parseTemplate(source string) (pattern, error) {
	var t pattern
	if len(source) > templateBytes {
		return t, fmt.Errorf("a template has at most %d bytes", templateBytes)
	}
	for rest := source; ; {
		before, after, found := strings.Cut(rest, "{{")
		t.parts = append(t.parts, part{text: before})
		if !found {
			return t, nil
		}
		name, tail, closed := strings.Cut(after, "}}")
		name = strings.TrimSpace(name)
		if !closed {
			return t, fmt.Errorf("a {{ has no }}")
		}
		label, isLabel := strings.CutPrefix(name, "labels.")
		if !slices.Contains(placeholders, name) && !(isLabel && isLabelName(label)) {
			return t, fmt.Errorf("there is no {{ %.60s }}; there are %s and labels.<name>", name, strings.Join(placeholders, ", "))
		}
		t.parts = append(t.parts, part{name: name})
		rest = tail
	}
}

func isLabelName(name string) bool {
	return name != "" && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func (t pattern) fill(m *Message) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.text)
		} else {
			b.WriteString(m.value(p.name))
		}
		if b.Len() > renderedBytes {
			return strings.ToValidUTF8(b.String()[:renderedBytes], "") + "…"
		}
	}
	return b.String()
}

func (m *Message) value(name string) string {
	switch name {
	case "alert.title":
		return m.Title
	case "alert.message":
		return m.Text
	case "alert.severity":
		return m.Severity
	case "alert.rule":
		return m.Rule
	case "alert.state":
		return m.State
	case "alert.notice":
		return strings.TrimPrefix(m.Type, "alert.")
	case "alert.hosts":
		return hostList(m.Hostnames)
	case "alert.members":
		return strconv.Itoa(m.Members)
	case "alert.link":
		return m.Link
	case "tenant.name":
		return m.Tenant
	}
	return m.Labels[strings.TrimPrefix(name, "labels.")]
}

// hostList names a few machines and counts the others.
func hostList(hosts []string) string {
	if len(hosts) <= 5 {
		return strings.Join(hosts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(hosts[:5], ", "), len(hosts)-5)
}

// render writes subject and body by a channel's templates, which were checked when they were stored.
func render(m *Message, subject, body string) error {
	if subject == "" {
		subject = defaultSubject
	}
	if body == "" {
		body = defaultBody
	}
	s, err := parseTemplate(subject)
	if err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	b, err := parseTemplate(body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	m.Subject, m.Body = oneLine(s.fill(m), 200), b.fill(m)
	return nil
}

// oneLine makes a text fit for a header: one line without control characters, of at most n characters.
func oneLine(text string, n int) string {
	clean := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
	if len(clean) > n {
		clean = append(clean[:n-1], '…')
	}
	return strings.TrimSpace(string(clean))
}
