package threat

import "github.com/tenantra/tenantra/tables"

// userInteraction is one moment at which a person used the machine.
type userInteraction struct {
	Time int64 `col:"time" opt:"additional" class:"personal" doc:"When, in Unix seconds."`
}

// UserInteractionEvents would have a row for each event.
// This build has no generator: event taps need a framework and a person's consent.
var UserInteractionEvents = tables.Define[userInteraction](tables.Spec{
	Name: "user_interaction_events", Doc: "Moments at which a person used the machine.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Event: true,
	Examples: []string{"SELECT max(time) FROM user_interaction_events"},
}, nil)
