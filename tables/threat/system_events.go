package threat

import "github.com/tenantra/tenantra/tables"

// SyslogEvent is one message of the system's log.
type SyslogEvent struct {
	Time     int64  `col:"time" opt:"additional" doc:"When it arrived, in Unix seconds."`
	DateTime string `col:"datetime" doc:"When it was written, as the log has it."`
	Host     string `col:"host" doc:"Host that it names."`
	Severity int32  `col:"severity" doc:"Severity from 0, emergency, to 7, debug."`
	Facility string `col:"facility" doc:"Facility: auth, daemon, kern."`
	Tag      string `col:"tag" doc:"Program that wrote it."`
	Message  string `col:"message" class:"content" doc:"Text of the message."`
	EID      string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// SyslogEvents has a row for each message while the agent listened.
var SyslogEvents = tables.DefineByPlatform(tables.Spec{
	Name: "syslog_events", Aliases: []string{"syslog"}, Doc: "Messages of the system's log.",
	Category: tables.Threat, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT datetime, tag, message FROM syslog_events WHERE severity <= 3"},
}, recorded("syslog_events", func(r *SyslogEvent, id string) { r.EID = id }))

// HardwareEvent is one device that came or went.
type HardwareEvent struct {
	Action   string `col:"action" doc:"What happened: add, remove, change, bind."`
	Path     string `col:"path" doc:"Path of the device below /sys."`
	Type     string `col:"type" doc:"Kind of device: usb_device, disk, net."`
	Driver   string `col:"driver" doc:"Driver of the device."`
	Vendor   string `col:"vendor" doc:"Maker's name."`
	VendorID string `col:"vendor_id" collate:"NOCASE" doc:"Maker's number, in hexadecimal."`
	Model    string `col:"model" doc:"Name of the model."`
	ModelID  string `col:"model_id" collate:"NOCASE" doc:"Number of the model, in hexadecimal."`
	Serial   string `col:"serial" doc:"Serial number."`
	Revision string `col:"revision" doc:"Revision of the device."`
	Time     int64  `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	EID      string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// HardwareEvents has a row for each device that came or went while the agent watched.
var HardwareEvents = tables.DefineByPlatform(tables.Spec{
	Name: "hardware_events", Doc: "Devices that were plugged in or taken away.",
	Category: tables.Threat, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Event: true,
	Examples: []string{"SELECT datetime(time, 'unixepoch') AS at, action, vendor, model, serial FROM hardware_events WHERE type = 'usb_device'"},
}, recorded("hardware_events", func(r *HardwareEvent, id string) { r.EID = id }))
