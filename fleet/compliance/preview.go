package compliance

import (
	"context"
	"errors"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/document"
)

// mistakesMost is how many mistakes of a document are told.
const mistakesMost = 200

// Preview is what a document would change if it were stored.
type Preview struct {
	Mistakes   []document.Error // where there are any, the rest is empty
	Difference frameworks.Difference
	Coverage   frameworks.Coverage
	Score      frameworks.FrameworkScore // of the agents that the scope sees
}

// PreviewFramework reads a document as PutFramework would, and compares it with what holds under the id now: with nothing,
// for one that is new.
func (s *Service) PreviewFramework(ctx context.Context, scope access.Scope, id, text string) (*Preview, error) {
	f, err := frameworks.ParseFramework("framework", []byte(text))
	if err == nil {
		err = f.Verify(s.library)
	}
	if err != nil {
		return &Preview{Mistakes: mistakesOf(err)}, nil
	}
	if f.ID != id {
		return &Preview{Mistakes: []document.Error{{Line: 1, Column: 1, Message: "the document is of framework " + f.ID}}}, nil
	}
	var before *frameworks.Framework
	switch now, err := s.framework(ctx, scope.Tenant, id); {
	case err == nil:
		before = now.Framework
	case fault.CodeOf(err) != fault.NotFound:
		return nil, err
	}
	byCheck, err := s.tallies(ctx, scope)
	if err != nil {
		return nil, err
	}
	return &Preview{Difference: frameworks.Compare(s.library, before, f), Coverage: f.Coverage(s.library), Score: frameworks.ScoreFrameworkTallies(s.library, f, byCheck)}, nil
}

// mistakesOf takes joined errors apart.
func mistakesOf(err error) []document.Error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var out []document.Error
		for _, e := range joined.Unwrap() {
			if out = append(out, mistakesOf(e)...); len(out) >= mistakesMost {
				return out[:mistakesMost]
			}
		}
		return out
	}
	var placed *document.Error
	if errors.As(err, &placed) {
		return []document.Error{*placed}
	}
	return []document.Error{{Line: 1, Column: 1, Message: err.Error()}}
}
