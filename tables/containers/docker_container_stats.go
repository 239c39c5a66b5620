package containers

import (
	"context"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// dockerStats is what a container used when it was asked.
type dockerStats struct {
	ID                string             `col:"id" opt:"required,index" collate:"NOCASE" doc:"Identifier of the container, or the start of one."`
	Name              string             `col:"name" opt:"index" doc:"Name of the container, with the slash before it."`
	PIDs              int32              `col:"pids" doc:"Number of its processes and threads."`
	Read              int64              `col:"read" doc:"When the figures were read, in Unix seconds."`
	Preread           int64              `col:"preread" doc:"When the figures named pre_ were read, in Unix seconds; 0 where there are none."`
	Interval          int64              `col:"interval" doc:"Nanoseconds between the two; 0 where there is only one."`
	DiskRead          int64              `col:"disk_read" doc:"Bytes read from disks."`
	DiskWrite         int64              `col:"disk_write" doc:"Bytes written to disks."`
	NumProcs          int32              `col:"num_procs" doc:"Number of processors; Windows only."`
	CPUTotal          int64              `col:"cpu_total_usage" doc:"Processor nanoseconds."`
	CPUKernel         int64              `col:"cpu_kernelmode_usage" doc:"Processor nanoseconds in the kernel."`
	CPUUser           int64              `col:"cpu_usermode_usage" doc:"Processor nanoseconds in user space."`
	SystemCPU         int64              `col:"system_cpu_usage" doc:"Processor nanoseconds of the whole host."`
	OnlineCPUs        int32              `col:"online_cpus" doc:"Number of processors that it may use."`
	PreCPUTotal       int64              `col:"pre_cpu_total_usage" doc:"Processor nanoseconds at the reading before."`
	PreCPUKernel      int64              `col:"pre_cpu_kernelmode_usage" doc:"Processor nanoseconds in the kernel at the reading before."`
	PreCPUUser        int64              `col:"pre_cpu_usermode_usage" doc:"Processor nanoseconds in user space at the reading before."`
	PreSystemCPU      int64              `col:"pre_system_cpu_usage" doc:"Processor nanoseconds of the whole host at the reading before."`
	PreOnlineCPUs     int32              `col:"pre_online_cpus" doc:"Number of processors at the reading before."`
	MemoryUsage       int64              `col:"memory_usage" doc:"Bytes of memory in use, file cache included."`
	MemoryCached      tables.Null[int64] `col:"memory_cached" doc:"Bytes of file cache; NULL with version 2 of control groups."`
	MemoryInactive    tables.Null[int64] `col:"memory_inactive_file" doc:"Bytes of file cache not used lately."`
	MemoryAllInactive tables.Null[int64] `col:"memory_total_inactive_file" doc:"The same with groups below it; NULL with version 2 of control groups."`
	MemoryMax         int64              `col:"memory_max_usage" doc:"Most bytes ever in use; 0 with version 2 of control groups."`
	MemoryLimit       int64              `col:"memory_limit" doc:"Bytes that it may use."`
	NetworkRX         int64              `col:"network_rx_bytes" doc:"Bytes received on all its networks."`
	NetworkTX         int64              `col:"network_tx_bytes" doc:"Bytes sent on all its networks."`
}

// DockerContainerStats has a row for each container that the statement names and that runs.
// Source: Docker Engine API, /containers/ID/stats.
var DockerContainerStats = tables.Define[dockerStats](tables.Spec{
	Name: "docker_container_stats", Doc: "Processor, memory, disk and network use of containers.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Expensive, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT s.name, s.memory_usage, s.memory_limit FROM docker_containers c JOIN docker_container_stats s USING (id) WHERE c.state = 'running'"},
}, generateDockerStats)

// The daemon counts in unsigned numbers of 64 bits; one past the signed range is a limit that is none.
type (
	cpuStats struct {
		CPUUsage struct {
			Total  uint64 `json:"total_usage"`
			Kernel uint64 `json:"usage_in_kernelmode"`
			User   uint64 `json:"usage_in_usermode"`
		} `json:"cpu_usage"`
		System uint64 `json:"system_cpu_usage"`
		Online int32  `json:"online_cpus"`
	}
	statsAnswer struct {
		Name          string
		Read, Preread string
		NumProcs      int32 `json:"num_procs"`
		PIDs          struct {
			Current uint64
		} `json:"pids_stats"`
		BlockIO struct {
			Bytes []struct {
				Op    string
				Value uint64
			} `json:"io_service_bytes_recursive"`
		} `json:"blkio_stats"`
		CPU    cpuStats `json:"cpu_stats"`
		PreCPU cpuStats `json:"precpu_stats"`
		Memory struct {
			Usage, Limit uint64
			Max          uint64 `json:"max_usage"`
			Stats        map[string]uint64
		} `json:"memory_stats"`
		Networks map[string]struct {
			RX uint64 `json:"rx_bytes"`
			TX uint64 `json:"tx_bytes"`
		}
	}
)

func generateDockerStats(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerStats) error) error {
	return eachNamed(ctx, host, q, func(docker *unixhttp.Client, id string) error {
		var s statsAnswer
		ok, err := inspect(ctx, host, docker, "/containers/"+id+"/stats?stream=false", &s)
		if !ok {
			return err
		}
		row := s.row()
		row.ID = id
		return emit(&row)
	})
}

func (s *statsAnswer) row() dockerStats {
	row := dockerStats{
		Name: s.Name, PIDs: int32(signed(s.PIDs.Current)), Read: secondsOf(s.Read), Preread: secondsOf(s.Preread), NumProcs: s.NumProcs,
		CPUTotal: signed(s.CPU.CPUUsage.Total), CPUKernel: signed(s.CPU.CPUUsage.Kernel), CPUUser: signed(s.CPU.CPUUsage.User),
		SystemCPU: signed(s.CPU.System), OnlineCPUs: s.CPU.Online,
		PreCPUTotal: signed(s.PreCPU.CPUUsage.Total), PreCPUKernel: signed(s.PreCPU.CPUUsage.Kernel), PreCPUUser: signed(s.PreCPU.CPUUsage.User),
		PreSystemCPU: signed(s.PreCPU.System), PreOnlineCPUs: s.PreCPU.Online,
		MemoryUsage: signed(s.Memory.Usage), MemoryMax: signed(s.Memory.Max), MemoryLimit: signed(s.Memory.Limit),
		MemoryCached: s.memory("cache"), MemoryInactive: s.memory("inactive_file"), MemoryAllInactive: s.memory("total_inactive_file"),
	}
	if row.Preread > 0 {
		read, readErr := time.Parse(time.RFC3339Nano, s.Read)
		preread, prereadErr := time.Parse(time.RFC3339Nano, s.Preread)
		if readErr == nil && prereadErr == nil {
			row.Interval = int64(read.Sub(preread))
		}
	}
	for _, io := range s.BlockIO.Bytes {
		switch strings.ToLower(io.Op) {
		case "read":
			row.DiskRead += signed(io.Value)
		case "write":
			row.DiskWrite += signed(io.Value)
		}
	}
	for _, n := range s.Networks {
		row.NetworkRX += signed(n.RX)
		row.NetworkTX += signed(n.TX)
	}
	return row
}

func (s *statsAnswer) memory(name string) tables.Null[int64] {
	v, ok := s.Memory.Stats[name]
	if !ok {
		return tables.Null[int64]{}
	}
	return tables.Some(signed(v))
}

// signed cuts a counter at the largest number that SQL has.
func signed(v uint64) int64 { return int64(min(v, 1<<63-1)) }
