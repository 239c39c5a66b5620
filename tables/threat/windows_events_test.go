package threat

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWindowsEventsFromRecordedXML reads an event as Windows 11 renders it.
func TestWindowsEventsFromRecordedXML(t *testing.T) {
	t.Parallel()
	const event = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Service Control Manager' Guid='{555908d1-a6d7-4695-8e1e-26931d2012f4}' EventSourceName='Service Control Manager'/>` +
		`<EventID Qualifiers='16384'>7036</EventID><Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x8080000000000000</Keywords>` +
		`<TimeCreated SystemTime='2026-01-02T03:04:05.1234567Z'/><EventRecordID>42</EventRecordID><Correlation/><Execution ProcessID='700' ThreadID='712'/>` +
		`<Channel>System</Channel><Computer>DESK-1</Computer><Security/></System><EventData><Data Name='param1'>Windows Update</Data><Data Name='param2'>running</Data></EventData></Event>`
	got, err := ParseWindowsEvent([]byte(event), time.Unix(1767323046, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := &WindowsEvent{
		Time: 1767323046, Datetime: "2026-01-02T03:04:05.1234567Z", Source: "System", ProviderName: "Service Control Manager", ProviderGUID: "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
		ComputerName: "DESK-1", Eventid: 7036, Level: 4, Keywords: "0x8080000000000000", Data: `{"EventData":{"param1":"Windows Update","param2":"running"}}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := ParseWindowsEvent([]byte("<Event>"), time.Now()); err == nil {
		t.Error("half an event is read")
	}
}
