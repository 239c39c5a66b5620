// Package compliance is judge number one: it says of each agent which checks of the frameworks it meets. It judges rows
// that changed, writes a verdict only when it is another one, and opens and closes the findings of checks.
package compliance

import (
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/tables"
)

// rowsMax is how many rows of a check are judged. An agent sends no more of a scheduled query.
const rowsMax = 10_000

// Verdict is what a check says of an agent.
type Verdict struct {
	Check       string
	Agent       int32
	Verdict     frameworks.Verdict
	Message     string
	Class       tables.Class // of the message
	RuleVersion string
	Since       time.Time // when the verdict became what it is
}

// Line is a verdict as lists show it.
type Line struct {
	Verdict
	AgentID    uuid.UUID
	Hostname   string
	TenantName string
}

// Counts are the agents of one check by their verdicts. Waived ones failed and are not in Fail.
type Counts struct {
	Pass, Fail, NotApplicable, Error, Waived int
}

// Filter narrows a list of verdicts; what is empty does not.
type Filter struct {
	Agent   uuid.UUID
	Check   string
	Verdict frameworks.Verdict
	At      time.Time // as of this moment; zero for now
}
