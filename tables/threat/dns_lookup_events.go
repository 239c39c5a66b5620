package threat

import "github.com/tenantra/tenantra/tables"

// dnsLookupEvent is one lookup by a process.
type dnsLookupEvent struct {
	EID         int32  `col:"eid" opt:"hidden" doc:"Number of the event."`
	Time        int64  `col:"time" opt:"additional,hidden" doc:"When it happened, in Unix seconds."`
	TimeWindows int64  `col:"time_windows" opt:"hidden" doc:"When it happened, in 100-nanosecond steps since 1601."`
	Datetime    string `col:"datetime" doc:"When it happened, as text."`
	PID         int64  `col:"pid" doc:"Process that asked."`
	Path        string `col:"path" doc:"Program of the process."`
	Username    string `col:"username" class:"personal" doc:"User of the process."`
	Name        string `col:"name" class:"content" doc:"Name that it asked for."`
	Type        string `col:"type" doc:"Type of the record."`
	TypeID      int32  `col:"type_id" doc:"Type of the record by its number."`
	Status      int32  `col:"status" doc:"Status of the answer; 0 is success."`
	Response    string `col:"response" class:"content" doc:"Answer."`
}

// DNSLookupEvents has a row for each lookup while the agent watched.
// Source: the ETW provider Microsoft-Windows-DNS-Client.
var DNSLookupEvents = tables.DefineByPlatform(tables.Spec{
	Name: "dns_lookup_events", Doc: "Names that processes look up.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT datetime, path, name, response FROM dns_lookup_events"},
}, unrecorded[dnsLookupEvent]("dns_lookup_events"))
