package check

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/internal/terminal"
)

// TextOptions say how a report is written for people.
type TextOptions struct {
	Library *frameworks.Library
	Focus   *Focus // nil for all frameworks
	All     bool   // also what passes, and what does not apply
	Color   bool
	Width   int // of the lines, in cells; 0 for 100
}

const (
	rowsShown   = 5 // of each failure
	widthUsual  = 100
	widthMin    = 40
	scoreCells  = 30
	labelColumn = 11 // where texts begin behind their label
)

// WriteText writes a report for people: the score, each failure with its evidence and what to do, what could not be
// judged, and how the frameworks stand.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	p := &page{w: bufio.NewWriter(w), color: o.Color, width: max(o.Width, widthMin)}
	if o.Width == 0 {
		p.width = widthUsual
	}
	r.head(p)
	if o.Focus != nil {
		r.byControl(p, o)
	}
	r.failures(p, o)
	r.errors(p)
	if o.All {
		r.rest(p, frameworks.Pass, "Passed")
		r.rest(p, frameworks.NotApplicable, "Not applicable")
	}
	if o.Focus == nil {
		r.standing(p, o.Library)
	}
	r.last(p, o)
	return p.w.Flush()
}

func (r *Report) head(p *page) {
	s := r.Score
	p.line(style{bold: true}, strings.TrimSpace(orElse(r.Machine.Hostname, "this machine")+" · "+strings.TrimSpace(r.Machine.OS+" "+osNumber(r.Machine))))
	p.line(style{}, fmt.Sprintf("%s · %s took %s", r.Started.Format("2006-01-02 15:04 MST"), count(len(r.Results), "check"), r.Duration.Round(100*time.Millisecond)))
	p.blank()
	if s.Judged {
		filled := int(s.Percent*scoreCells/100 + 0.5)
		color := red
		switch {
		case s.Percent >= 90:
			color = green
		case s.Percent >= 60:
			color = yellow
		}
		p.line(style{bold: true, color: color}, fmt.Sprintf("%3.0f of 100  %s%s", s.Percent, strings.Repeat("█", filled), strings.Repeat("░", scoreCells-filled)))
	}
	p.line(style{}, fmt.Sprintf("%d passed · %d failed · %d not applicable · %d could not be judged", s.Passed, s.Failed, s.NotApplicable, s.Errors))
}

// osNumber leaves out a version that the name has already.
func osNumber(m Machine) string {
	if strings.Contains(m.OS, m.OSVersion) {
		return ""
	}
	return m.OSVersion
}

func (r *Report) failures(p *page, o TextOptions) {
	var severity frameworks.Severity
	for i := range r.Results {
		result := &r.Results[i]
		if result.Verdict != frameworks.Fail {
			continue
		}
		if result.Check.Severity != severity {
			severity = result.Check.Severity
			p.blank()
			p.line(style{bold: true, color: colorOf(severity)}, fmt.Sprintf("%s (%d)", strings.ToUpper(string(severity)), r.failed(severity)))
		}
		p.blank()
		p.headed(style{color: colorOf(severity)}, "✗", style{bold: true}, result.Check.Title, result.Check.ID)
		p.text(4, "", result.Message)
		result.evidence(p)
		p.text(4, "Wanted", result.Expected)
		p.text(4, "Why", result.Check.Why)
		p.text(4, "Fix", result.Fix)
		p.text(4, "Risk", result.Risk)
		p.text(4, "Serves", serves(o, result.Check))
	}
}

func (r *Report) failed(severity frameworks.Severity) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == frameworks.Fail && result.Check.Severity == severity {
			n++
		}
	}
	return n
}

// evidence shows the failing rows, the failing cells between angle marks.
func (r *Result) evidence(p *page) {
	for i, blame := range r.Failing {
		if i == rowsShown {
			p.text(6, "", fmt.Sprintf("… and %d more", len(r.Failing)-rowsShown))
			return
		}
		var parts []string
		for _, c := range r.cells(blame) {
			value := terminal.Escape(c.value)
			if c.failed {
				value = p.paint(style{color: red}, "‹"+value+"›")
			}
			parts = append(parts, c.column+"="+value)
		}
		p.raw("      " + strings.Join(parts, "  "))
	}
}

// serves lists the controls of the framework in focus, else those that benchmarks and NIST number.
func serves(o TextOptions, c *frameworks.Check) string {
	if o.Focus != nil {
		if ids := c.Controls[o.Focus.Framework.ID]; len(ids) > 0 {
			return o.Focus.Framework.Title + " " + strings.Join(ids, ", ")
		}
		return ""
	}
	var parts []string
	for _, id := range []string{"nist-800-53r5", "cis-debian12", "cis-v8"} {
		if ids := c.Controls[id]; len(ids) > 0 && c.Derived[id] == "" {
			parts = append(parts, id+" "+strings.Join(ids, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// errors tells what could not be judged, once for each reason.
func (r *Report) errors(p *page) {
	var reasons []string
	checks := map[string][]string{}
	for _, result := range r.Results {
		if result.Verdict != frameworks.Error {
			continue
		}
		if checks[result.Message] == nil {
			reasons = append(reasons, result.Message)
		}
		checks[result.Message] = append(checks[result.Message], result.Check.ID)
	}
	if len(reasons) == 0 {
		return
	}
	p.blank()
	p.line(style{bold: true}, fmt.Sprintf("COULD NOT BE JUDGED (%d)", r.Score.Errors))
	for _, reason := range reasons {
		p.blank()
		p.text(2, "", reason)
		p.text(4, "", strings.Join(checks[reason], ", "))
	}
}

func (r *Report) rest(p *page, verdict frameworks.Verdict, title string) {
	n := 0
	for _, result := range r.Results {
		if result.Verdict != verdict {
			continue
		}
		if n++; n == 1 {
			p.blank()
			p.line(style{bold: true}, strings.ToUpper(title))
		}
		mark, color := "·", none
		if verdict == frameworks.Pass {
			mark, color = "✓", green
		}
		p.headed(style{color: color}, mark, style{}, result.Check.Title, result.Check.ID)
	}
}

// byControl shows each judged control of the framework in focus.
func (r *Report) byControl(p *page, o TextOptions) {
	line, scores := o.Focus.line(o.Library, r)
	p.blank()
	p.line(style{bold: true}, line.Title)
	p.text(2, "", fmt.Sprintf("%.0f %%: %d of %d judged controls met. Of %d controls %d have a check for this system; the rest is for people to show.",
		line.Percent, line.Met, line.Judged, line.Controls, line.Covered))
	group := ""
	for _, c := range scores {
		if !c.Score.Judged {
			continue
		}
		if c.Control.Group != group {
			group = c.Control.Group
			p.blank()
			p.text(2, "", group)
		}
		mark, color := "✓", green
		if c.Score.Failed > 0 {
			mark, color = "✗", red
		}
		p.raw(fmt.Sprintf("  %s %-22s %3d/%-3d %s", p.paint(style{color: color}, mark), terminal.Escape(c.Control.ID), c.Score.Passed, c.Score.Passed+c.Score.Failed,
			clip(terminal.Escape(o.Focus.Framework.TitleOf(o.Library, c.Control.ID)), p.width-37)))
	}
}

// standing is the summary by framework.
func (r *Report) standing(p *page, l *frameworks.Library) {
	lines := r.Lines(l)
	if len(lines) == 0 {
		return
	}
	p.blank()
	p.line(style{bold: true}, "FRAMEWORKS")
	p.raw(fmt.Sprintf("  %-56s %5s  %9s  %s", "", "score", "met", "with a check"))
	for _, line := range lines {
		p.raw(fmt.Sprintf("  %-56s %4.0f %%  %4d/%-4d  %d of %d controls", clip(line.Title+" ("+line.ID+")", 56), line.Percent, line.Met, line.Judged, line.Covered, line.Controls))
	}
}

func (r *Report) last(p *page, o TextOptions) {
	p.blank()
	if r.Score.Errors > 0 {
		p.text(0, "", "Some sources are for root alone: run the check as root (with sudo) to judge all.")
	}
	if !o.All && r.Score.Passed+r.Score.NotApplicable > 0 {
		p.text(0, "", "--all also lists what passed and what does not apply; --framework shows one framework by its controls.")
	}
}

// page lays out lines.
type page struct {
	w     *bufio.Writer
	color bool
	width int
}

type color int

const (
	none   color = 0
	red    color = 31
	green  color = 32
	yellow color = 33
	purple color = 35
	blue   color = 34
)

type style struct {
	bold  bool
	color color
}

func colorOf(s frameworks.Severity) color {
	switch s {
	case frameworks.Critical:
		return purple
	case frameworks.High:
		return red
	case frameworks.Medium:
		return yellow
	default:
		return blue
	}
}

// paint colours a text that is safe for a terminal.
func (p *page) paint(s style, text string) string {
	if !p.color || s == (style{}) {
		return text
	}
	var codes []string
	if s.bold {
		codes = append(codes, "1")
	}
	if s.color != none {
		codes = append(codes, fmt.Sprint(int(s.color)))
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + text + "\x1b[0m"
}

func (p *page) blank()                 { p.raw("") }
func (p *page) raw(text string)        { _, _ = p.w.WriteString(text + "\n") } // Flush tells the error
func (p *page) line(s style, t string) { p.raw(p.paint(s, terminal.Escape(t))) }

// headed writes a mark, a title and at the right end a name.
func (p *page) headed(s style, mark string, titleStyle style, title, name string) {
	title = clip(terminal.Escape(title), p.width-utf8.RuneCountInString(name)-6)
	gap := max(p.width-utf8.RuneCountInString(title)-utf8.RuneCountInString(name)-4, 2)
	p.raw("  " + p.paint(s, mark) + " " + p.paint(titleStyle, title) + strings.Repeat(" ", gap) + name)
}

// text writes a text behind its label, broken into lines. An empty text writes nothing.
func (p *page) text(indent int, label, text string) {
	if text == "" {
		return
	}
	room := p.width - indent
	first := strings.Repeat(" ", indent)
	rest := first
	if label != "" {
		first += fmt.Sprintf("%-*s", labelColumn-4, label)
		rest += strings.Repeat(" ", labelColumn-4)
		room -= labelColumn - 4
	}
	for i, line := range wrap(terminal.Escape(text), room) {
		if i > 0 {
			first = rest
		}
		p.raw(first + line)
	}
}

// wrap breaks a text at blanks. A longer word has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line, length := "", 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if length > 0 && length+1+n > width {
			lines = append(lines, line)
			line, length = "", 0
		}
		if length > 0 {
			line += " "
			length++
		}
		line += word
		length += n
	}
	return append(lines, line)
}

func clip(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(width-1, 0)]) + "…"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
