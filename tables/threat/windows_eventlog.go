package threat

import "github.com/tenantra/tenantra/tables"

// windowsEventlogEntry is one entry of a log.
type windowsEventlogEntry struct {
	Channel      string `col:"channel" opt:"required" doc:"Log: System, Security, Application and others."`
	Datetime     string `col:"datetime" doc:"When it was logged, as text."`
	Task         int32  `col:"task" doc:"Task of the provider."`
	Level        int32  `col:"level" doc:"Severity: 1 critical, 2 error, 3 warning, 4 information, 5 verbose."`
	ProviderName string `col:"provider_name" doc:"Program that logged it."`
	ProviderGUID string `col:"provider_guid" collate:"NOCASE" doc:"Identifier of the provider."`
	ComputerName string `col:"computer_name" doc:"Name of the machine."`
	Eventid      int32  `col:"eventid" opt:"additional" doc:"Number of the kind of event."`
	Keywords     string `col:"keywords" doc:"Keywords as a bit mask in hexadecimal digits."`
	Data         string `col:"data" class:"content" doc:"Data of the event as JSON."`
	PID          int32  `col:"pid" opt:"additional" doc:"Process that logged it."`
	TID          int32  `col:"tid" doc:"Thread that logged it."`
	TimeRange    string `col:"time_range" opt:"additional,hidden" doc:"Two times joined by a semicolon, to narrow what is read."`
	Timestamp    string `col:"timestamp" opt:"additional,hidden" doc:"Milliseconds into the past, to narrow what is read."`
	XPath        string `col:"xpath" opt:"required,hidden" doc:"XPath query to select by instead of the channel."`
}

// WindowsEventlog has a row for each entry of the channel that a statement names, or that its XPath query selects.
// Source: wevtapi.dll; in an image the .evtx files below System32\winevt\Logs.
var WindowsEventlog = tables.DefineByPlatform(tables.Spec{
	Name: "windows_eventlog", Doc: "Entries of the logs of Windows.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT datetime, eventid, data FROM windows_eventlog WHERE channel = 'Security' AND eventid = 4625"},
}, tables.Generators[windowsEventlogEntry]{})
