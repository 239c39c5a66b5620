package threat

import "github.com/tenantra/tenantra/tables"

// ntfsJournalEvent is one change on a volume.
type ntfsJournalEvent struct {
	Action          string `col:"action" doc:"What happened: FileCreation, FileDeletion, FileWrite, FileRename_NewName and others."`
	Category        string `col:"category" doc:"Group of paths in the configuration that it belongs to."`
	OldPath         string `col:"old_path" doc:"Path before a renaming."`
	Path            string `col:"path" doc:"Path."`
	RecordTimestamp string `col:"record_timestamp" doc:"When the journal recorded it."`
	RecordUSN       string `col:"record_usn" doc:"Number of the record."`
	NodeRefNumber   string `col:"node_ref_number" doc:"Number of the file."`
	ParentRefNumber string `col:"parent_ref_number" doc:"Number of its directory."`
	DriveLetter     string `col:"drive_letter" doc:"Drive that the journal belongs to."`
	FileAttributes  string `col:"file_attributes" doc:"Attributes of the file."`
	Partial         int64  `col:"partial" doc:"1 where path or old_path is only a part, since the directory was not known."`
	Time            int64  `col:"time" opt:"additional" doc:"When it was read, in Unix seconds."`
	EID             string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// NTFSJournalEvents has a row for each change of a configured path while the agent watched.
// Source: the change journal of each volume.
var NTFSJournalEvents = tables.DefineByPlatform(tables.Spec{
	Name: "ntfs_journal_events", Doc: "Changes of watched files, by the journals of NTFS.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT action, path, old_path FROM ntfs_journal_events"},
}, unrecorded[ntfsJournalEvent]("ntfs_journal_events"))
