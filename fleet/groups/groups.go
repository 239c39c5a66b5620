// Package groups answers which agents belong together: a list that people keep, or a rule that keeps itself: a statement
// over the last known state, or an expression over an agent's facts.
package groups

import (
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
	"github.com/tenantra/tenantra/queries/rules"
)

const (
	nameMax  = 100
	textMax  = 2000
	ruleMax  = 64 << 10
	fixedMax = 10_000 // agents that one call puts into a group
	// refresh is how old a membership by rule may be.
	refresh = time.Minute
)

// Kind says who keeps the members.
type Kind string

// The kinds.
const (
	Fixed Kind = "fixed" // people
	SQL   Kind = "sql"   // a statement over the last known state that gives the column agent
	Expr  Kind = "expr"  // an expression over agent: agent.platform == "linux" and "prod" in agent.tags
)

// Group is a set of agents of a tenant's subtree.
type Group struct {
	ID          uuid.UUID
	Tenant      int32
	TenantID    uuid.UUID
	Name        string
	Description string
	Kind        Kind
	Rule        string
	Members     int64
	EvaluatedAt time.Time // zero: not yet, or kept by people
	Error       string    // why the last evaluation failed
	CreatedAt   time.Time
}

// Draft is what a person says of a group.
type Draft struct {
	Name        string
	Description string
	Kind        Kind
	Rule        string
}

func (d *Draft) validate() error {
	d.Name, d.Rule = strings.TrimSpace(d.Name), strings.TrimSpace(d.Rule)
	switch {
	case d.Name == "" || len(d.Name) > nameMax || !plaintext.IsLine(d.Name):
		return fault.Field(fault.Invalid, "body.name", "a name is one line of 1 to %d bytes", nameMax)
	case len(d.Description) > textMax || !plaintext.IsText(d.Description):
		return fault.Field(fault.Invalid, "body.description", "at most %d bytes of text", textMax)
	case d.Kind == Fixed && d.Rule != "":
		return fault.Field(fault.Invalid, "body.rule", "a fixed group has no rule")
	case d.Kind != Fixed && (d.Rule == "" || len(d.Rule) > ruleMax || !plaintext.IsText(d.Rule)):
		return fault.Field(fault.Invalid, "body.rule", "write the rule: at most %d KiB of text", ruleMax>>10)
	}
	if d.Kind == Expr {
		if _, err := compile(d.Rule); err != nil {
			return fault.Field(fault.Invalid, "body.rule", "%v", err)
		}
	}
	return nil
}

// compile reads an expression over an agent's facts. It must not speak of rows: a group has none.
func compile(rule string) (*rules.Program, error) {
	program, err := rules.Compile(rule, rules.Environment{})
	if err == nil && len(program.Columns()) > 0 {
		err = errors.New("a group's expression is over agent, not over rows")
	}
	return program, err
}
