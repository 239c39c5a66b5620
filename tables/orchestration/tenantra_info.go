package orchestration

import (
	"context"
	"runtime"
	"strconv"

	"github.com/tenantra/tenantra/tables"
)

// info describes the running program. The columns down to platform_mask are osquery's.
type info struct {
	PID           int64              `col:"pid" type:"INTEGER" doc:"Process id of the program that answers."`
	UUID          string             `col:"uuid" collate:"NOCASE" doc:"Id of the agent; empty before enrolment."`
	InstanceID    string             `col:"instance_id" doc:"Id of the agent; empty before enrolment."`
	Version       string             `col:"version" collate:"VERSION" doc:"Version of the program."`
	ConfigHash    string             `col:"config_hash" collate:"NOCASE" doc:"Version of the configuration in force, as text."`
	ConfigValid   int32              `col:"config_valid" doc:"1 where a configuration is in force."`
	Extensions    string             `col:"extensions" doc:"State of the extension socket."`
	BuildPlatform string             `col:"build_platform" doc:"Operating system that the program is built for."`
	BuildDistro   string             `col:"build_distro" doc:"Processor that the program is built for."`
	StartTime     tables.Null[int64] `col:"start_time" type:"INTEGER" doc:"Start of the daemon, in Unix seconds; NULL where none runs."`
	Watcher       int32              `col:"watcher" doc:"Process id of the watching parent; -1 where there is none."`
	PlatformMask  int32              `col:"platform_mask" doc:"Operating system as osquery's bit mask."`

	AgentID       string `col:"agent_id" doc:"Id of the agent; empty before enrolment."`
	TenantID      string `col:"tenant_id" doc:"Tenant that the agent is enrolled with; empty before enrolment."`
	ConfigVersion int64  `col:"config_version" doc:"Version of the configuration in force; 0 for none."`
	StateDir      string `col:"state_dir" doc:"Directory that holds the agent's key, configuration and spool."`
	SpoolBatches  int64  `col:"spool_batches" doc:"Batches that wait for the fleet."`
	SpoolBytes    int64  `col:"spool_bytes" doc:"Size of the waiting batches in bytes."`
	SpoolDropped  int64  `col:"spool_dropped" doc:"Batches given up because the spool was full."`
}

// Info has one row.
var Info = tables.Define[info](tables.Spec{
	Name: "tenantra_info", Aliases: []string{"osquery_info"},
	Doc:      "The agent itself: version, identity, configuration and what waits in its spool.",
	Category: tables.Orchestration, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT version, agent_id, config_version, spool_batches, spool_dropped FROM tenantra_info"},
}, generateInfo)

func generateInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*info) error) error {
	self, err := host.Self().Info(ctx)
	if err != nil {
		return err
	}
	row := info{
		PID: self.PID, UUID: self.AgentID, InstanceID: self.AgentID, Version: self.Version,
		ConfigHash: strconv.FormatInt(self.ConfigVersion, 10), Extensions: "inactive",
		BuildPlatform: runtime.GOOS, BuildDistro: runtime.GOARCH, Watcher: -1, PlatformMask: platformMask(runtime.GOOS),
		AgentID: self.AgentID, TenantID: self.TenantID, ConfigVersion: self.ConfigVersion, StateDir: self.StateDir,
		SpoolBatches: self.SpoolBatches, SpoolBytes: self.SpoolBytes, SpoolDropped: self.SpoolDropped,
	}
	if self.ConfigVersion > 0 {
		row.ConfigValid = 1
	}
	if !self.StartedAt.IsZero() {
		row.StartTime = tables.Some(self.StartedAt.Unix())
	}
	return emit(&row)
}

// platformMask is osquery's: 1 POSIX, 2 Windows, 4 BSD, 8 Linux, 16 macOS.
func platformMask(goos string) int32 {
	switch goos {
	case "windows":
		return 2
	case "darwin":
		return 1 | 4 | 16
	default:
		return 1 | 8
	}
}
