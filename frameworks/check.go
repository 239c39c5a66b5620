package frameworks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Severity says how bad it is that a check fails.
type Severity string

// The severities, from the mildest.
const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Severities lists them from the mildest.
var Severities = []Severity{Low, Medium, High, Critical}

const (
	defaultInterval = time.Hour
	minInterval     = time.Minute
	maxInterval     = 7 * 24 * time.Hour
	maxWeight       = 100
)

// Check is one question to a machine, with what counts as a good answer.
type Check struct {
	ID        string
	Title     string
	Why       string // what goes wrong where it fails, for people
	Platforms tables.Platforms
	// Applies is SQL whose rows say that the check makes sense on a machine; "" means that it always does.
	Applies string
	SQL     string
	// NeedsRows says that the source has rows on every machine: none means that the agent could not read it, which is an
	// error and no verdict.
	NeedsRows bool
	Pass      *rules.Program
	Params    rules.Params
	Severity  Severity
	Weight    int            // 1 to 100
	Message   *rules.Message // why it failed
	Missing   *rules.Message // the same where no row is to blame, because one is missing; nil where Message serves
	Expected  *rules.Message
	Fix       string
	Controls  map[string][]string // control ids by framework; in a library also those that mappings lead to
	Derived   map[string]Basis    // of the mapping, for frameworks whose controls the check serves by one and not by its own word
	Interval  time.Duration       // between two collections

	Columns []string     // of the rows
	Class   tables.Class // the highest privacy class among what the SQL reads
	Version string       // changes with what the check says
	// Template names the family that the check is of; "" for one with a file of its own.
	Template string

	file checkFile
	at   place
}

// place tells where in a file a mistake is. *document.Document is one.
type place interface {
	ErrorAt(message string, path ...string) error
	ErrorIn(line, column int, message string, path ...string) error
}

// Collection is the name under which an agent sends the check's rows.
func (c *Check) Collection() string { return "check:" + c.ID }

// AppliesCollection is the name under which an agent sends the rows of Applies.
func (c *Check) AppliesCollection() string { return "check:" + c.ID + "/applies" }

// OfCollection gives the check whose rows a collection holds.
func OfCollection(collection string) (check string, applies, ok bool) {
	check, ok = strings.CutPrefix(collection, "check:")
	check, applies = strings.CutSuffix(check, "/applies")
	return check, applies, ok && isID(check)
}

// checkFile is a check as its file has it.
type checkFile struct {
	Check     string              `yaml:"check"`
	Title     string              `yaml:"title"`
	Why       string              `yaml:"why,omitempty"`
	Platforms []string            `yaml:"platforms"`
	Applies   string              `yaml:"applies,omitempty"`
	SQL       string              `yaml:"sql"`
	NeedsRows bool                `yaml:"needs_rows,omitempty"`
	Pass      string              `yaml:"pass"`
	Params    map[string]any      `yaml:"params,omitempty"`
	Severity  Severity            `yaml:"severity"`
	Weight    int                 `yaml:"weight,omitempty"`
	Message   string              `yaml:"message"`
	Missing   string              `yaml:"missing,omitempty"`
	Expected  string              `yaml:"expected"`
	Fix       string              `yaml:"fix,omitempty"`
	Controls  map[string][]string `yaml:"controls,omitempty"`
	Interval  time.Duration       `yaml:"interval,omitempty"`
}

// ParseCheck reads a check and compiles its SQL on each of its platforms. Its error joins every mistake found, each a
// *document.Error. Fix and controls are names of other files: the library checks them.
func ParseCheck(file string, text []byte, compilers queries.Compilers) (*Check, error) {
	var f checkFile
	d, err := document.Decode(file, text, &f)
	if err != nil {
		return nil, err
	}
	return newCheck(d, f, compilers, tables.AllPlatforms)
}

// newCheck makes a check of what a file says, for those of its platforms that are wanted; nil where it has none of them.
func newCheck(d place, f checkFile, compilers queries.Compilers, wanted tables.Platforms) (*Check, error) {
	version, err := versionOf(f)
	if err != nil {
		return nil, d.ErrorAt(err.Error())
	}
	c := &Check{
		ID: f.Check, Title: f.Title, Why: f.Why, Applies: f.Applies, SQL: f.SQL, NeedsRows: f.NeedsRows, Severity: f.Severity,
		Weight: f.Weight, Fix: f.Fix, Controls: f.Controls, Interval: f.Interval, Version: version, file: f, at: d,
	}
	var mistakes []error
	mistake := func(err error) {
		if err != nil {
			mistakes = append(mistakes, err)
		}
	}
	mistake(wantID(d, "check", f.Check))
	mistake(wantText(d, "title", f.Title, 120))
	mistake(wantText(d, "message", f.Message, 0))
	mistake(wantText(d, "expected", f.Expected, 0))
	mistake(wantText(d, "sql", f.SQL, 0))
	mistake(wantText(d, "pass", f.Pass, 0))
	if c.Platforms, err = platforms(d, f.Platforms); err != nil {
		mistake(err)
	} else if c.Platforms &= wanted; c.Platforms == 0 {
		return nil, nil
	}
	if !slices.Contains(Severities, f.Severity) {
		mistake(d.ErrorAt("severity is low, medium, high or critical", "severity"))
	}
	if c.Weight == 0 {
		c.Weight = 1
	}
	if c.Weight < 1 || c.Weight > maxWeight {
		mistake(d.ErrorAt(fmt.Sprintf("weight is 1 to %d", maxWeight), "weight"))
	}
	if c.Interval == 0 {
		c.Interval = defaultInterval
	}
	if c.Interval < minInterval || c.Interval > maxInterval {
		mistake(d.ErrorAt(fmt.Sprintf("interval is %v to %v", minInterval, maxInterval), "interval"))
	}
	if c.Params, err = rules.NewParams(f.Params); err != nil {
		mistake(d.ErrorAt(err.Error(), "params"))
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...) // what follows builds on these
	}
	for _, err := range c.compile(d, f, compilers) {
		mistake(err)
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return c, nil
}

// versionOf is a digest of what a check says: it stays when a comment or a neighbour in the same file changes.
func versionOf(f checkFile) (string, error) {
	text, err := json.Marshal(f) // #nosec G117 -- an expression, not a password
	if err != nil {
		return "", fmt.Errorf("digest of check %s: %w", f.Check, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

// compile checks SQL, expression and messages.
func (c *Check) compile(d place, f checkFile, compilers queries.Compilers) []error {
	var mistakes []error
	for _, name := range c.Platforms.Names() {
		platform, err := tables.ParsePlatforms(name)
		if err != nil {
			return []error{err}
		}
		compiler := compilers[platform]
		if compiler == nil {
			return []error{d.ErrorAt(fmt.Sprintf("checks for %s cannot be compiled here", name), "platforms")}
		}
		if c.Applies != "" {
			if a, err := compiler.Check(c.Applies); err != nil {
				mistakes = append(mistakes, sqlError(d, "applies", name, err))
			} else {
				c.Class = max(c.Class, classOf(a))
			}
		}
		a, err := compiler.Check(c.SQL)
		if err != nil {
			mistakes = append(mistakes, sqlError(d, "sql", name, err))
			continue
		}
		if c.Columns != nil && !slices.Equal(c.Columns, a.Columns) {
			mistakes = append(mistakes, d.ErrorAt(fmt.Sprintf("the columns differ between platforms: %s, and on %s %s",
				strings.Join(c.Columns, ", "), name, strings.Join(a.Columns, ", ")), "sql"))
		}
		c.Columns, c.Class = a.Columns, max(c.Class, classOf(a))
	}
	if c.Class == tables.ClassSecret {
		mistakes = append(mistakes, d.ErrorAt("the SQL reads a secret column, which never leaves a machine", "sql"))
	}
	if len(mistakes) > 0 {
		return mistakes
	}
	env := rules.Environment{Columns: c.Columns, Params: c.Params}
	var err error
	if c.Pass, err = rules.Compile(f.Pass, env); err != nil {
		mistakes = append(mistakes, ruleError(d, err, "pass"))
	}
	if c.Message, err = rules.ParseMessage(f.Message, env); err != nil {
		mistakes = append(mistakes, ruleError(d, err, "message"))
	}
	if f.Missing != "" {
		if c.Missing, err = rules.ParseMessage(f.Missing, env); err != nil {
			mistakes = append(mistakes, ruleError(d, err, "missing"))
		}
	}
	if c.Expected, err = rules.ParseMessage(f.Expected, env); err != nil {
		mistakes = append(mistakes, ruleError(d, err, "expected"))
	}
	return mistakes
}

// Environment is what texts of the check, and of its fix, may name.
func (c *Check) Environment() rules.Environment {
	return rules.Environment{Columns: c.Columns, Params: c.Params}
}

func classOf(a *engine.Analysis) tables.Class {
	var highest tables.Class
	for _, read := range a.Reads {
		highest = max(highest, read.Class())
	}
	return highest
}

// sqlError places an error of the engine in the file.
func sqlError(d place, key, platform string, err error) error {
	var sql *engine.SQLError
	if errors.As(err, &sql) && sql.Line > 0 {
		return d.ErrorIn(sql.Line, sql.Column, fmt.Sprintf("on %s: %s", platform, sql.Message), key)
	}
	return d.ErrorAt(fmt.Sprintf("on %s: %v", platform, err), key)
}

// ruleError places an error of an expression or a message in the file.
func ruleError(d place, err error, path ...string) error {
	var rule *rules.Error
	if errors.As(err, &rule) {
		return d.ErrorIn(rule.Line, rule.Column, rule.Message, path...)
	}
	return d.ErrorAt(err.Error(), path...)
}

func platforms(d place, names []string) (tables.Platforms, error) {
	var set tables.Platforms
	for i, name := range names {
		p, err := tables.ParsePlatforms(name)
		if err != nil {
			return 0, d.ErrorAt(err.Error(), "platforms", fmt.Sprint(i))
		}
		set |= p
	}
	if set == 0 {
		return 0, d.ErrorAt("platforms names at least one of linux, darwin and windows", "platforms")
	}
	return set, nil
}

func wantID(d place, key, id string) error {
	if isID(id) {
		return nil
	}
	return d.ErrorAt(key+" is a name of lower-case letters, digits, . and - such as ssh-root-login, of at most 64 characters", key)
}

func isID(id string) bool {
	for i, r := range id {
		alphanumeric := 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
		if !alphanumeric && (i == 0 || r != '-' && r != '.') {
			return false
		}
	}
	return id != "" && len(id) <= 64
}

// wantText wants some text, of at most limit bytes where that is not 0.
func wantText(d place, key, text string, limit int) error {
	switch {
	case strings.TrimSpace(text) == "":
		return d.ErrorAt(key+" is missing", key)
	case limit > 0 && len(text) > limit:
		return d.ErrorAt(fmt.Sprintf("%s has %d bytes; at most %d are allowed", key, len(text), limit), key)
	}
	return nil
}
