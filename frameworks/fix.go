package frameworks

import (
	"errors"
	"fmt"

	"github.com/tenantra/tenantra/queries/document"
	"github.com/tenantra/tenantra/queries/rules"
)

// Fix tells a person how to make a check pass.
type Fix struct {
	ID   string
	Text string // a message over the check's rows; each check that names the fix fills it
	Risk string // what may stop working

	at place
}

type fixFile struct {
	Fix  string `yaml:"fix"`
	Text string `yaml:"text"`
	Risk string `yaml:"risk"`
}

// ParseFix reads a fix. Its error joins every mistake found, each a *document.Error.
func ParseFix(file string, text []byte) (*Fix, error) {
	var f fixFile
	d, err := document.Decode(file, text, &f)
	if err != nil {
		return nil, err
	}
	err = errors.Join(wantID(d, "fix", f.Fix), wantText(d, "text", f.Text, 0), wantText(d, "risk", f.Risk, 0))
	if err != nil {
		return nil, err
	}
	return &Fix{ID: f.Fix, Text: f.Text, Risk: f.Risk, at: d}, nil
}

// For compiles the fix's text for a check. It fails where the text names columns or parameters that the check lacks.
func (f *Fix) For(c *Check) (*rules.Message, error) {
	message, err := rules.ParseMessage(f.Text, c.Environment())
	var rule *rules.Error
	if errors.As(err, &rule) {
		return nil, f.at.ErrorIn(rule.Line, rule.Column, fmt.Sprintf("for check %s: %s", c.ID, rule.Message), "text")
	}
	return message, err
}
