package system

import "github.com/tenantra/tenantra/tables"

// eventTap is one program that listens to keyboard or pointer.
type eventTap struct {
	Enabled            int64  `col:"enabled" type:"INTEGER" doc:"1 where it is active."`
	EventTapID         int64  `col:"event_tap_id" type:"INTEGER" doc:"Number of the tap."`
	EventTapped        string `col:"event_tapped" doc:"Event that it listens to."`
	ProcessBeingTapped int64  `col:"process_being_tapped" type:"INTEGER" doc:"Process that is listened to; 0 for all."`
	TappingProcess     int64  `col:"tapping_process" type:"INTEGER" doc:"Process that listens."`
}

// EventTaps would have a row for each tap.
// This build has no generator: the list is only in the framework CoreGraphics.
var EventTaps = tables.Define[eventTap](tables.Spec{
	Name: "event_taps", Doc: "Programs that listen to the events of keyboard and pointer.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT event_tapped, tapping_process FROM event_taps WHERE enabled = 1"},
}, nil)
