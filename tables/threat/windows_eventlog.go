package threat

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

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
// Source: wevtapi.dll.
var WindowsEventlog = tables.Define[windowsEventlogEntry](tables.Spec{
	Name: "windows_eventlog", Doc: "Entries of the logs of Windows.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT datetime, eventid, data FROM windows_eventlog WHERE channel = 'Security' AND eventid = 4625"},
}, generateWindowsEventlog)

// eventXML is an event as Windows renders it.
type eventXML struct {
	System struct {
		Provider struct {
			Name            string `xml:",attr"`
			GUID            string `xml:"Guid,attr"`
			EventSourceName string `xml:",attr"`
		}
		EventID, Level, Task string
		Keywords             string
		Computer, Channel    string
		TimeCreated          struct {
			SystemTime string `xml:",attr"`
		}
		Execution struct {
			ProcessID int64 `xml:",attr"`
			ThreadID  int64 `xml:",attr"`
		}
	}
	EventData *eventPart
	UserData  *eventPart
}

// eventPart is an element of an event's data.
type eventPart struct {
	XMLName xml.Name
	Name    string      `xml:",attr"`
	Text    string      `xml:",chardata"`
	Parts   []eventPart `xml:",any"`
}

// eventMax is the largest event that is read: Windows allows 64 KiB of data.
const eventMax = 1 << 20

// parseEvent reads an event in XML.
func parseEvent(data []byte) (windowsEventlogEntry, error) {
	if len(data) > eventMax {
		return windowsEventlogEntry{}, fmt.Errorf("event of more than %d bytes", eventMax)
	}
	var e eventXML
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	if err := d.Decode(&e); err != nil {
		return windowsEventlogEntry{}, fmt.Errorf("parse event: %w", err)
	}
	number := func(text string) int32 {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
		if err != nil {
			return -1
		}
		return int32(n)
	}
	s := &e.System
	row := windowsEventlogEntry{
		Channel: s.Channel, Datetime: s.TimeCreated.SystemTime, Task: number(s.Task), Level: number(s.Level), ProviderName: s.Provider.Name,
		ProviderGUID: s.Provider.GUID, ComputerName: s.Computer, Eventid: number(s.EventID), Keywords: s.Keywords,
		PID: int32(s.Execution.ProcessID), TID: int32(s.Execution.ThreadID),
	}
	if row.ProviderName == "" {
		row.ProviderName = s.Provider.EventSourceName
	}
	parts := map[string]any{}
	if e.EventData != nil {
		parts["EventData"] = e.EventData.values(partsDepth)
	}
	if e.UserData != nil {
		parts["UserData"] = e.UserData.values(partsDepth)
	}
	text, err := json.Marshal(parts)
	row.Data = string(text)
	return row, err
}

const partsDepth = 32

// values gives the data below an element by name; data without a name is a list. Below some depth the text stands for all.
func (p *eventPart) values(depth int) any {
	if len(p.Parts) == 0 || depth == 0 {
		return strings.TrimSpace(p.Text)
	}
	named := map[string]any{}
	var unnamed []any
	for i := range p.Parts {
		part := &p.Parts[i]
		name := part.Name
		if name == "" && part.XMLName.Local != "Data" {
			name = part.XMLName.Local
		}
		value := part.values(depth - 1)
		if name == "" {
			unnamed = append(unnamed, value)
			continue
		}
		named[name] = value
	}
	if len(unnamed) > 0 {
		named["Data"] = unnamed
	}
	return named
}

// eventSpans gives the spans of time that a statement asks for, one at least: its rows show the span that they were asked
// by, or SQLite would drop them.
func eventSpans(q *tables.Query) []windowsEventlogEntry {
	ranges, pasts := q.Equal("time_range"), q.Equal("timestamp")
	if ranges == nil {
		ranges = []string{""}
	}
	if pasts == nil {
		pasts = []string{""}
	}
	var spans []windowsEventlogEntry
	for _, r := range ranges {
		for _, past := range pasts {
			spans = append(spans, windowsEventlogEntry{TimeRange: r, Timestamp: past})
		}
	}
	return spans
}

// eventQuery makes the XPath query of a statement: the channel's events, narrowed by what it asks and by one span of time.
func eventQuery(q *tables.Query, span windowsEventlogEntry) string {
	var conditions []string
	anyOf := func(column, term string) {
		var terms []string
		values, _ := q.EqualInt(column)
		for _, v := range values {
			terms = append(terms, fmt.Sprintf(term, v))
		}
		if len(terms) > 0 {
			conditions = append(conditions, "("+strings.Join(terms, " or ")+")")
		}
	}
	anyOf("eventid", "EventID=%d")
	anyOf("pid", "Execution[@ProcessID=%d]")
	if milliseconds, err := strconv.ParseInt(span.Timestamp, 10, 64); err == nil && milliseconds > 0 {
		conditions = append(conditions, fmt.Sprintf("TimeCreated[timediff(@SystemTime) <= %d]", milliseconds))
	}
	from, to, _ := strings.Cut(span.TimeRange, ";")
	for _, end := range []struct{ compare, time string }{{">=", from}, {"<=", to}} {
		if plainTime(end.time) {
			conditions = append(conditions, "TimeCreated[@SystemTime"+end.compare+"'"+end.time+"']")
		}
	}
	if len(conditions) == 0 {
		return "*"
	}
	return "*[System[" + strings.Join(conditions, " and ") + "]]"
}

// plainTime tells whether text is a time such as 2026-01-02T03:04:05.000Z, which can end no quotation.
func plainTime(text string) bool {
	return text != "" && len(text) <= 40 && strings.Trim(text, "0123456789-:.TZ+") == ""
}
