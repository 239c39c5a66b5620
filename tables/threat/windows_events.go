package threat

import (
	"time"

	"github.com/tenantra/tenantra/tables"
)

// WindowsEvent is one entry of a watched log.
type WindowsEvent struct {
	Time         int64  `col:"time" opt:"additional" doc:"When it was received, in Unix seconds."`
	Datetime     string `col:"datetime" doc:"When it was logged."`
	Source       string `col:"source" doc:"Log."`
	ProviderName string `col:"provider_name" doc:"Program that logged it."`
	ProviderGUID string `col:"provider_guid" collate:"NOCASE" doc:"Identifier of the provider."`
	ComputerName string `col:"computer_name" doc:"Name of the machine."`
	Eventid      int32  `col:"eventid" doc:"Number of the kind of event."`
	Task         int32  `col:"task" doc:"Task of the provider."`
	Level        int32  `col:"level" doc:"Severity: 1 critical, 2 error, 3 warning, 4 information, 5 verbose."`
	Keywords     string `col:"keywords" doc:"Keywords as a bit mask."`
	Data         string `col:"data" class:"content" doc:"Data of the event as JSON."`
	EID          string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// WindowsEvents has a row for each entry of a configured channel while the agent watched.
// Source: EvtSubscribe of wevtapi.dll.
var WindowsEvents = tables.DefineByPlatform(tables.Spec{
	Name: "windows_events", Doc: "Entries of watched logs of Windows.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT datetime, source, eventid, data FROM windows_events"},
}, recorded("windows_events", func(r *WindowsEvent, id string) { r.EID = id }))

// ParseWindowsEvent reads an event that Windows rendered as XML, received at a time.
func ParseWindowsEvent(xml []byte, at time.Time) (*WindowsEvent, error) {
	e, err := parseEvent(xml)
	if err != nil {
		return nil, err
	}
	return &WindowsEvent{
		Time: at.Unix(), Datetime: e.Datetime, Source: e.Channel, ProviderName: e.ProviderName, ProviderGUID: e.ProviderGUID, ComputerName: e.ComputerName,
		Eventid: e.Eventid, Task: e.Task, Level: e.Level, Keywords: e.Keywords, Data: e.Data,
	}, nil
}
