package threat

import "github.com/tenantra/tenantra/tables"

// diskEvent is one disk that came or went.
type diskEvent struct {
	Action     string `col:"action" doc:"appear or disappear."`
	Path       string `col:"path" doc:"Image file."`
	Name       string `col:"name" doc:"Name of the disk."`
	Device     string `col:"device,bsd_name" doc:"Device."`
	UUID       string `col:"uuid" collate:"NOCASE" doc:"Identifier of the volume."`
	Size       int64  `col:"size" doc:"Bytes."`
	Ejectable  int64  `col:"ejectable" type:"INTEGER" doc:"1 where it can be ejected."`
	Mountable  int64  `col:"mountable" type:"INTEGER" doc:"1 where it can be mounted."`
	Writable   int64  `col:"writable" type:"INTEGER" doc:"1 where it can be written to."`
	Content    string `col:"content" doc:"Kind of content."`
	MediaName  string `col:"media_name" doc:"Name of the medium."`
	Vendor     string `col:"vendor" doc:"Vendor."`
	Filesystem string `col:"filesystem" doc:"File system."`
	Checksum   string `col:"checksum" collate:"NOCASE" doc:"Checksum of an image."`
	Time       int64  `col:"time" opt:"additional" doc:"When, in Unix seconds."`
	EID        string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// DiskEvents would have a row for each event.
// This build has no generator: the disk arbitration of macOS needs a framework.
var DiskEvents = tables.Define[diskEvent](tables.Spec{
	Name: "disk_events", Doc: "Disks and images that came or went.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Event: true,
	Examples: []string{"SELECT time, action, name, path FROM disk_events"},
}, nil)
