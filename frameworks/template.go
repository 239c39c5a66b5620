package frameworks

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/tables"
)

// Template is a family of checks that differ only in what they ask for: one check text with ${variables}, and for each
// member the values of them.
type Template struct {
	ID     string
	About  string // what the family has in common
	Checks []*Check
	Fixes  []*Fix // one a check, of the check's name; none where the template names a fix of its own file

	members []Member
}

// Member is one check of a family as the template lists it.
type Member struct {
	Check string
	Set   map[string]any // its variables, with the template's defaults
}

// Members gives the family in the file's order.
func (t *Template) Members() []Member { return t.members }

type templateFile struct {
	Template string         `yaml:"template"`
	About    string         `yaml:"about"`
	Check    checkFile      `yaml:"check"`
	Fix      *fixText       `yaml:"fix"`
	Defaults map[string]any `yaml:"defaults"` // of variables
	Members  []memberFile   `yaml:"members"`
}

type fixText struct {
	Text string `yaml:"text"`
	Risk string `yaml:"risk"`
}

// memberFile is a member: what it says itself takes the place of what the template says.
type memberFile struct {
	Own checkFile      `yaml:",inline"`
	Set map[string]any `yaml:"set"`
}

// ParseTemplate reads a family and makes its checks. Its error joins every mistake found, each a *document.Error; one in
// the common text is told at its line there, with the member that shows it.
//
// ${name} stands for a variable. In sql and applies it is an SQL literal, a list one of literals joined by commas, and
// ${name:values} a list as the rows of VALUES; in pass a literal of the expression; elsewhere its text. A parameter that is ${name} alone takes the value as it is.
func ParseTemplate(file string, text []byte, compilers queries.Compilers) (*Template, error) {
	return parseTemplate(file, text, compilers, tables.AllPlatforms)
}

func parseTemplate(file string, text []byte, compilers queries.Compilers, wanted tables.Platforms) (*Template, error) {
	var f templateFile
	d, err := document.Decode(file, text, &f)
	if err != nil {
		return nil, err
	}
	mistakes := []error{wantID(d, "template", f.Template), wantText(d, "about", f.About, 0)}
	if len(f.Members) == 0 {
		mistakes = append(mistakes, d.ErrorAt("members is missing", "members"))
	}
	if f.Check.Check != "" {
		mistakes = append(mistakes, d.ErrorAt("each member names its own check", "check", "check"))
	}
	t := &Template{ID: f.Template, About: f.About}
	for i := range f.Members {
		check, fix, err := f.member(d, i, compilers, wanted)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		if check == nil {
			continue
		}
		check.Template = f.Template
		t.Checks = append(t.Checks, check)
		if fix != nil {
			t.Fixes = append(t.Fixes, fix)
		}
		t.members = append(t.members, Member{Check: check.ID, Set: f.variables(i)})
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return t, nil
}

func (f *templateFile) variables(i int) map[string]any {
	set := map[string]any{}
	maps.Copy(set, f.Defaults)
	maps.Copy(set, f.Members[i].Set)
	return set
}

// member makes the check of one member, and its fix where the template has one.
func (f *templateFile) member(d *document.Document, i int, compilers queries.Compilers, wanted tables.Platforms) (*Check, *Fix, error) {
	m := &f.Members[i]
	at := memberPlace{d, m.Own.Check, i}
	x := expansion{set: f.variables(i), used: map[string]bool{}}
	full, err := x.check(f.Check, m.Own)
	var fix *Fix
	if err == nil && f.Fix != nil && m.Own.Fix == "" {
		if fix, err = x.fix(f.Fix, at); fix != nil {
			fix.ID, full.Fix = m.Own.Check, m.Own.Check
		}
	}
	if err != nil {
		return nil, nil, at.of(err)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Set)) {
		if !x.used[name] {
			return nil, nil, d.ErrorAt(fmt.Sprintf("the template does not use the variable %s", name), "members", strconv.Itoa(i), "set", ":"+name)
		}
	}
	check, err := newCheck(at, full, compilers, wanted)
	return check, fix, err
}

// memberPlace tells mistakes of a member's check: in the member where that says something of its own, else in the
// common text.
type memberPlace struct {
	d     *document.Document
	check string
	index int
}

func (p memberPlace) ErrorAt(message string, path ...string) error {
	return p.d.ErrorAt(p.say(message), p.path(path)...)
}

func (p memberPlace) ErrorIn(line, column int, message string, path ...string) error {
	return p.d.ErrorIn(line, column, p.say(message), p.path(path)...)
}

func (p memberPlace) say(message string) string {
	if p.check == "" {
		return message
	}
	return "for member " + p.check + ": " + message
}

func (p memberPlace) path(path []string) []string {
	own := append([]string{"members", strconv.Itoa(p.index)}, path...)
	if p.d.Has(own...) || len(path) == 0 || path[0] == "check" {
		return own
	}
	if path[0] == "text" || path[0] == "risk" {
		return append([]string{"fix"}, path...)
	}
	return append([]string{"check"}, path...)
}

// of places an error of an expansion.
func (p memberPlace) of(err error) error {
	var e *expansionError
	if errors.As(err, &e) {
		return p.ErrorAt(e.message, e.path...)
	}
	return err
}

// expansionError is a mistake in the use of variables.
type expansionError struct {
	path    []string
	message string
}

func (e *expansionError) Error() string { return e.message }

// expansion puts a member's values in place of variables.
type expansion struct {
	set  map[string]any
	used map[string]bool
	err  error // the first
}

// check gives the member's check: own texts over common ones, variables filled in both.
func (x *expansion) check(common, own checkFile) (checkFile, error) {
	c := common
	c.Check = own.Check
	for _, f := range []struct {
		key  string
		into *string
		own  string
		as   func(any) (string, error)
	}{
		{"title", &c.Title, own.Title, plainText}, {"why", &c.Why, own.Why, plainText},
		{"applies", &c.Applies, own.Applies, sqlLiteral}, {"sql", &c.SQL, own.SQL, sqlLiteral}, {"pass", &c.Pass, own.Pass, ruleLiteral},
		{"message", &c.Message, own.Message, plainText}, {"missing", &c.Missing, own.Missing, plainText},
		{"expected", &c.Expected, own.Expected, plainText},
	} {
		if f.own != "" {
			*f.into = f.own
		}
		*f.into = x.text(*f.into, f.as, f.key)
	}
	if own.Platforms != nil {
		c.Platforms = own.Platforms
	}
	if own.Severity != "" {
		c.Severity = own.Severity
	}
	if own.Weight != 0 {
		c.Weight = own.Weight
	}
	if own.Interval != 0 {
		c.Interval = own.Interval
	}
	if own.Fix != "" {
		c.Fix = own.Fix
	}
	c.NeedsRows = common.NeedsRows || own.NeedsRows
	c.Params = x.params(common.Params, own.Params)
	c.Controls = map[string][]string{}
	maps.Copy(c.Controls, common.Controls)
	maps.Copy(c.Controls, own.Controls) // a framework that the member names is the member's alone
	return c, x.err
}

func (x *expansion) params(common, own map[string]any) map[string]any {
	if len(common)+len(own) == 0 {
		return nil
	}
	params := map[string]any{}
	maps.Copy(params, common)
	maps.Copy(params, own)
	for name, value := range params {
		text, ok := value.(string)
		if !ok {
			continue
		}
		if variable, ok := wholeVariable(text); ok {
			if params[name], ok = x.value(variable, "params", name); ok {
				continue
			}
		}
		params[name] = x.text(text, plainText, "params", name)
	}
	return params
}

func (x *expansion) fix(common *fixText, at place) (*Fix, error) {
	f := &Fix{Text: x.text(common.Text, plainText, "text"), Risk: x.text(common.Risk, plainText, "risk"), at: at}
	return f, errors.Join(x.err, wantText(at, "text", f.Text, 0), wantText(at, "risk", f.Risk, 0))
}

// text fills the variables of a text.
func (x *expansion) text(source string, as func(any) (string, error), path ...string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(source, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			x.fail("a variable is written ${name}", path)
			return b.String()
		}
		name, rows := strings.CutSuffix(name, ":values")
		if value, ok := x.value(name, path...); ok {
			as := as
			if rows {
				as = sqlRows
			}
			literal, err := as(value)
			if err != nil {
				x.fail(fmt.Sprintf("variable %s: %v", name, err), path)
			}
			b.WriteString(literal)
		}
		source = rest
	}
}

func (x *expansion) value(name string, path ...string) (any, bool) {
	value, ok := x.set[name]
	if !ok {
		x.fail(fmt.Sprintf("the variable %s has no value: it stands neither in the member's set nor in defaults", name), path)
	}
	x.used[name] = true
	return value, ok
}

func (x *expansion) fail(message string, path []string) {
	if x.err == nil {
		x.err = &expansionError{path, message}
	}
}

func wholeVariable(text string) (string, bool) {
	name, ok := strings.CutPrefix(text, "${")
	if !ok || !strings.HasSuffix(name, "}") || strings.Contains(name, "${") {
		return "", false
	}
	return strings.TrimSuffix(name, "}"), true
}

// plainText writes a value for people.
func plainText(value any) (string, error) {
	if list, ok := value.([]any); ok && len(list) == 0 {
		return "none", nil
	}
	return written(value, ", ", func(s string) string { return s })
}

// sqlLiteral writes a value for SQL.
func sqlLiteral(value any) (string, error) {
	return written(value, ", ", func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" })
}

// sqlRows writes a list for VALUES.
func sqlRows(value any) (string, error) {
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return "", errors.New("values are of a list with elements")
	}
	rows := make([]string, len(list))
	for i, element := range list {
		literal, err := sqlLiteral(element)
		if err != nil {
			return "", err
		}
		rows[i] = "(" + literal + ")"
	}
	return strings.Join(rows, ", "), nil
}

// ruleLiteral writes a value for an expression.
func ruleLiteral(value any) (string, error) {
	text, err := written(value, ", ", strconv.Quote)
	if _, list := value.([]any); list {
		text = "[" + text + "]"
	}
	return text, err
}

// written writes texts by quote, numbers as they are, and joins a list.
func written(value any, separator string, quote func(string) string) (string, error) {
	switch v := value.(type) {
	case string:
		if strings.ContainsAny(v, "\n\r\x00") {
			return "", errors.New("a value is one line")
		}
		return quote(v), nil
	case int, int64, uint64, float64, bool:
		return fmt.Sprint(v), nil
	case []any:
		parts := make([]string, len(v))
		for i, element := range v {
			if _, nested := element.([]any); nested {
				return "", errors.New("a list holds texts and numbers")
			}
			var err error
			if parts[i], err = written(element, separator, quote); err != nil {
				return "", err
			}
		}
		return strings.Join(parts, separator), nil
	default:
		return "", fmt.Errorf("use a text, a number or a list instead of %v", value)
	}
}
