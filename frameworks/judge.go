package frameworks

import (
	"fmt"

	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Verdict says whether a machine meets a check.
type Verdict string

// The verdicts. A waived failure stays a failure here; a waiver is laid over it by whoever shows or scores it.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	NotApplicable Verdict = "not_applicable"
	Error         Verdict = "error" // the question could not be answered
)

// Verdicts lists them.
var Verdicts = []Verdict{Pass, Fail, NotApplicable, Error}

// Answer is what a machine answered to a check.
type Answer struct {
	Rows    []rules.Row
	Applies []rules.Row    // rows of the check's Applies; not looked at where it has none
	Err     error          // a statement failed on the machine
	Params  map[string]any // a tenant's values over the defaults
	Agent   rules.Agent
}

// Judgement is a verdict with its reason.
type Judgement struct {
	Verdict  Verdict
	Message  string        // why; "" for pass
	Expected string        // what would pass; for pass and fail
	Failing  []rules.Blame // of fail: rows by their position in the answer, and the cells in them; empty where rows are missing
}

// Judge gives the verdict. In this order: an error of the machine is an error; no row of Applies is not_applicable; no
// row where the check needs some is an error; an expression that cannot be evaluated on the rows is an error; what it
// gives is pass or fail. It is a pure function of check and answer.
func (c *Check) Judge(a Answer) Judgement {
	if a.Err != nil {
		return Judgement{Verdict: Error, Message: a.Err.Error()}
	}
	if c.Applies != "" && len(a.Applies) == 0 {
		return Judgement{Verdict: NotApplicable, Message: "What the check is about does not exist on this machine."}
	}
	if c.NeedsRows && len(a.Rows) == 0 {
		return Judgement{Verdict: Error, Message: "The agent found nothing to judge: it may lack the privilege to read it, or the source is missing."}
	}
	params, err := c.Params.With(a.Params)
	if err != nil {
		return Judgement{Verdict: Error, Message: fmt.Sprintf("The tenant's parameters do not fit the check: %v.", err)}
	}
	in := rules.Input{Rows: a.Rows, Params: params, Agent: a.Agent}
	passed, err := c.Pass.Eval(in)
	if err != nil {
		return Judgement{Verdict: Error, Message: fmt.Sprintf("The rows cannot be judged: %v.", err)}
	}
	if passed {
		return Judgement{Verdict: Pass, Expected: c.Expected.Fill(in, nil)}
	}
	blames, err := c.Pass.Blame(in)
	if err != nil {
		return Judgement{Verdict: Error, Message: fmt.Sprintf("The rows cannot be judged: %v.", err)}
	}
	failing := rowsOf(in, blames)
	message := c.Message
	if len(failing) == 0 && c.Missing != nil {
		message = c.Missing
	}
	return Judgement{Verdict: Fail, Message: message.Fill(in, failing), Expected: c.Expected.Fill(in, failing), Failing: blames}
}

// FillFix gives a fix's text for an answer that failed.
func (c *Check) FillFix(f *Fix, a Answer, failing []rules.Blame) (string, error) {
	text, err := f.For(c)
	if err != nil {
		return "", err
	}
	params, err := c.Params.With(a.Params)
	if err != nil {
		return "", fmt.Errorf("fill fix %s: %w", f.ID, err)
	}
	in := rules.Input{Rows: a.Rows, Params: params, Agent: a.Agent}
	return text.Fill(in, rowsOf(in, failing)), nil
}

func rowsOf(in rules.Input, blames []rules.Blame) []rules.Row {
	rows := make([]rules.Row, len(blames))
	for i, b := range blames {
		rows[i] = in.Rows[b.Row]
	}
	return rows
}

// RowsOf gives an engine's result as rows: nil, int64, float64 or string by column. A blob becomes text.
func RowsOf(columns []string, cells [][]tables.Value) []rules.Row {
	rows := make([]rules.Row, len(cells))
	for i, line := range cells {
		row := make(rules.Row, len(columns))
		for j, column := range columns {
			switch cell := line[j]; cell.Kind {
			case tables.ValueBlob:
				row[column] = cell.Text
			default:
				row[column] = cell.Any()
			}
		}
		rows[i] = row
	}
	return rows
}
