package threat

import "github.com/tenantra/tenantra/tables"

// yaraFile is what YARA rules say of one file.
type yaraFile struct {
	Path string `col:"path" opt:"required,index" doc:"File that was scanned."`
	yaraMatch
}

// yaraProcess is what YARA rules say of the memory of one process.
type yaraProcess struct {
	PID int32 `col:"pid" opt:"required,index" doc:"Process that was scanned."`
	yaraMatch
}

// yaraMatch is the outcome of a scan.
type yaraMatch struct {
	Matches          string             `col:"matches" doc:"Rules that match, parted by commas."`
	Count            int32              `col:"count" doc:"Number of rules that match."`
	SigGroup         string             `col:"sig_group" opt:"additional" doc:"Group of rules in the configuration."`
	SigFile          string             `col:"sigfile" opt:"additional" doc:"File with rules."`
	SigRule          string             `col:"sigrule" opt:"additional,hidden" doc:"Text of rules."`
	Strings          string             `col:"strings" class:"content" doc:"Strings that match, with their places."`
	Tags             string             `col:"tags" doc:"Tags of the rules that match, parted by commas."`
	SigURL           string             `col:"sigurl" opt:"additional,hidden" doc:"Address of rules."`
	PIDWithNamespace tables.Null[int64] `col:"pid_with_namespace" type:"INTEGER" opt:"additional,hidden" os:"linux" doc:"Process in whose namespaces the file was seen; NULL for the scanned system's own."`
}

// YARAFile and YARAProcess have osquery's schema, so that its packs compile. No build has a generator: see the decision on
// YARA in docs/decisions.
var (
	YARAFile = tables.DefineByPlatform(tables.Spec{
		Name: "yara_file", Aliases: []string{"yara"}, Doc: "What YARA rules match in files.",
		Category: tables.Threat, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers,
		Examples: []string{"SELECT path, matches FROM yara_file WHERE path LIKE '/tmp/%' AND sig_group = 'malware' AND count > 0"},
	}, tables.Generators[yaraFile]{})

	YARAProcess = tables.DefineByPlatform(tables.Spec{
		Name: "yara_process", Doc: "What YARA rules match in the memory of processes.",
		Category: tables.Threat, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers,
		Examples: []string{"SELECT p.name, y.matches FROM processes p JOIN yara_process y USING (pid) WHERE y.sig_group = 'malware' AND y.count > 0"},
	}, tables.Generators[yaraProcess]{})
)

// yaraEvent is one changed file that a rule matches.
type yaraEvent struct {
	TargetPath    string             `col:"target_path" doc:"File that changed."`
	Category      string             `col:"category" doc:"Group of paths in the configuration that it belongs to."`
	Action        string             `col:"action" doc:"What happened to it."`
	Matches       string             `col:"matches" doc:"Rules that match, parted by commas."`
	Count         int32              `col:"count" doc:"Number of rules that match."`
	Strings       string             `col:"strings" class:"content" doc:"Strings that match, with their places."`
	Tags          string             `col:"tags" doc:"Tags of the rules that match, parted by commas."`
	Time          int64              `col:"time" doc:"When it happened, in Unix seconds."`
	EID           string             `col:"eid" opt:"hidden" doc:"Identifier of the event."`
	TransactionID tables.Null[int64] `col:"transaction_id" os:"darwin" doc:"Number that the two events of a renaming share."`
}

// YARAEvents needs YARA as well as a record of changed files.
var YARAEvents = tables.DefineByPlatform(tables.Spec{
	Name: "yara_events", Doc: "Changed files that YARA rules match.",
	Category: tables.Threat, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT target_path, matches FROM yara_events"},
}, unrecorded[yaraEvent]("yara_events"))
