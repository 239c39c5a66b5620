package services

import "github.com/tenantra/tenantra/tables"

// systemdUnit is one unit. What only a running manager knows is NULL where units are read from their files.
type systemdUnit struct {
	ID            string              `col:"id" doc:"Name of the unit: ssh.service."`
	Description   string              `col:"description" doc:"What the unit is, in people's words."`
	LoadState     tables.Null[string] `col:"load_state" doc:"Whether the manager has its definition: loaded, not-found, masked, error; NULL where no manager answered."`
	ActiveState   tables.Null[string] `col:"active_state" doc:"active, inactive, failed, activating or deactivating; NULL where no manager answered."`
	SubState      tables.Null[string] `col:"sub_state" doc:"State in the terms of its type: running, exited, listening, mounted; NULL where no manager answered."`
	UnitFileState string              `col:"unit_file_state" doc:"Whether it starts by itself: enabled, disabled, static, indirect, masked, linked, generated, transient."`
	Following     tables.Null[string] `col:"following" doc:"Unit whose state it follows; NULL where no manager answered."`
	ObjectPath    tables.Null[string] `col:"object_path" doc:"D-Bus path of the unit; NULL where no manager answered."`
	JobID         tables.Null[int64]  `col:"job_id" doc:"Number of the queued job, 0 for none; NULL where no manager answered."`
	JobType       tables.Null[string] `col:"job_type" doc:"Type of the queued job; NULL where no manager answered."`
	JobPath       tables.Null[string] `col:"job_path" doc:"D-Bus path of the queued job; NULL where no manager answered."`
	FragmentPath  string              `col:"fragment_path" doc:"File that defines the unit; empty for one without a file."`
	User          string              `col:"user" doc:"User that a service runs as, where its definition names one."`
	SourcePath    string              `col:"source_path" doc:"File that a generated unit was made from."`
}

// SystemdUnits has a row for each unit that the running manager has loaded. Where no manager answers, as in an image or
// a container, it has a row for each unit file instead.
// Source: org.freedesktop.systemd1 on the system bus; systemd.unit(5).
var SystemdUnits = tables.Define[systemdUnit](tables.Spec{
	Name: "systemd_units", Doc: "Services, sockets, timers and other units of systemd.",
	Category: tables.Services, Platforms: tables.Linux, Cost: tables.Moderate,
	Examples: []string{
		"SELECT id, active_state, unit_file_state, fragment_path FROM systemd_units WHERE id = 'cron.service'",
		"SELECT id, description FROM systemd_units WHERE unit_file_state = 'enabled' AND id LIKE '%.service'",
	},
}, generateSystemdUnits)
