package containers

import (
	"context"
	"net/url"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// dockerInfo is the state of the daemon.
type dockerInfo struct {
	ID              string `col:"id" collate:"NOCASE" doc:"Identifier of the daemon."`
	Containers      int32  `col:"containers" doc:"Number of containers."`
	Running         int32  `col:"containers_running" doc:"Number of containers that run."`
	Paused          int32  `col:"containers_paused" doc:"Number of containers that are paused."`
	Stopped         int32  `col:"containers_stopped" doc:"Number of containers that do not run."`
	Images          int32  `col:"images" doc:"Number of images."`
	StorageDriver   string `col:"storage_driver" doc:"Driver of the containers' file systems."`
	MemoryLimit     int32  `col:"memory_limit" doc:"1 where memory can be limited."`
	SwapLimit       int32  `col:"swap_limit" doc:"1 where swap can be limited."`
	KernelMemory    int32  `col:"kernel_memory" doc:"1 where kernel memory can be limited."`
	CPUCFSPeriod    int32  `col:"cpu_cfs_period" doc:"1 where the scheduler's period can be set."`
	CPUCFSQuota     int32  `col:"cpu_cfs_quota" doc:"1 where the scheduler's quota can be set."`
	CPUShares       int32  `col:"cpu_shares" doc:"1 where processor shares can be set."`
	CPUSet          int32  `col:"cpu_set" doc:"1 where containers can be bound to processors."`
	IPv4Forwarding  int32  `col:"ipv4_forwarding" doc:"1 where the host forwards IPv4."`
	BridgeIPTables  int32  `col:"bridge_nf_iptables" doc:"1 where iptables sees bridged packets."`
	BridgeIP6Tables int32  `col:"bridge_nf_ip6tables" doc:"1 where ip6tables sees bridged packets."`
	OOMKillDisable  int32  `col:"oom_kill_disable" doc:"1 where a container can be spared when memory is short."`
	LoggingDriver   string `col:"logging_driver" doc:"Driver of the containers' logs."`
	CgroupDriver    string `col:"cgroup_driver" doc:"Driver of control groups: systemd or cgroupfs."`
	KernelVersion   string `col:"kernel_version" collate:"VERSION" doc:"Version of the kernel."`
	OS              string `col:"os" doc:"Operating system in words."`
	OSType          string `col:"os_type" doc:"Kind of operating system: linux or windows."`
	Architecture    string `col:"architecture" doc:"Processor architecture."`
	CPUs            int32  `col:"cpus" doc:"Number of processors."`
	Memory          int64  `col:"memory" doc:"Bytes of memory."`
	HTTPProxy       string `col:"http_proxy" doc:"Proxy for HTTP, without its password."`
	HTTPSProxy      string `col:"https_proxy" doc:"Proxy for HTTPS, without its password."`
	NoProxy         string `col:"no_proxy" doc:"Hosts that are reached without a proxy."`
	Name            string `col:"name" doc:"Name of the host."`
	ServerVersion   string `col:"server_version" collate:"VERSION" doc:"Version of the daemon."`
	RootDir         string `col:"root_dir" doc:"Directory in which the daemon keeps all."`
}

// DockerInfo has one row where a daemon answers.
// Source: Docker Engine API, /info.
var DockerInfo = tables.Define[dockerInfo](tables.Spec{
	Name: "docker_info", Doc: "State and abilities of Docker's daemon.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT server_version, containers_running, storage_driver, cgroup_driver FROM docker_info"},
}, generateDockerInfo)

func generateDockerInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*dockerInfo) error) error {
	return withDocker(ctx, host, func(docker *unixhttp.Client) error {
		var i struct {
			ID                                                                               string
			Containers, ContainersRunning, ContainersPaused, ContainersStopped, Images, NCPU int32
			MemTotal                                                                         int64
			MemoryLimit, SwapLimit, KernelMemory, CPUCfsPeriod, CPUCfsQuota, CPUShares       bool
			CPUSet, IPv4Forwarding, BridgeNfIptables, BridgeNfIP6tables, OomKillDisable      bool
			Driver, LoggingDriver, CgroupDriver, KernelVersion, OperatingSystem, OSType      string
			Architecture, HTTPProxy, HTTPSProxy, NoProxy, Name, ServerVersion, DockerRootDir string
		}
		if err := docker.Get(ctx, "/info", &i); err != nil {
			return err
		}
		return emit(&dockerInfo{
			ID: i.ID, Containers: i.Containers, Running: i.ContainersRunning, Paused: i.ContainersPaused, Stopped: i.ContainersStopped, Images: i.Images,
			StorageDriver: i.Driver, MemoryLimit: flag(i.MemoryLimit), SwapLimit: flag(i.SwapLimit), KernelMemory: flag(i.KernelMemory),
			CPUCFSPeriod: flag(i.CPUCfsPeriod), CPUCFSQuota: flag(i.CPUCfsQuota), CPUShares: flag(i.CPUShares), CPUSet: flag(i.CPUSet),
			IPv4Forwarding: flag(i.IPv4Forwarding), BridgeIPTables: flag(i.BridgeNfIptables), BridgeIP6Tables: flag(i.BridgeNfIP6tables),
			OOMKillDisable: flag(i.OomKillDisable), LoggingDriver: i.LoggingDriver, CgroupDriver: i.CgroupDriver, KernelVersion: i.KernelVersion,
			OS: i.OperatingSystem, OSType: i.OSType, Architecture: i.Architecture, CPUs: i.NCPU, Memory: i.MemTotal,
			HTTPProxy: withoutPassword(i.HTTPProxy), HTTPSProxy: withoutPassword(i.HTTPSProxy), NoProxy: i.NoProxy,
			Name: i.Name, ServerVersion: i.ServerVersion, RootDir: i.DockerRootDir,
		})
	})
}

// withoutPassword hides the password in the address of a proxy; one that cannot be read is not shown.
func withoutPassword(address string) string {
	if address == "" {
		return ""
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Redacted()
}

// dockerVersion is the version of the daemon.
type dockerVersion struct {
	Version       string `col:"version" collate:"VERSION" doc:"Version of the daemon."`
	APIVersion    string `col:"api_version" collate:"VERSION" doc:"Version of the API."`
	MinAPIVersion string `col:"min_api_version" collate:"VERSION" doc:"Oldest version of the API that it serves."`
	GitCommit     string `col:"git_commit" doc:"Commit that it was built from."`
	GoVersion     string `col:"go_version" collate:"VERSION" doc:"Version of Go that built it."`
	OS            string `col:"os" doc:"Operating system that it was built for."`
	Arch          string `col:"arch" doc:"Architecture that it was built for."`
	KernelVersion string `col:"kernel_version" collate:"VERSION" doc:"Version of the kernel."`
	BuildTime     string `col:"build_time" doc:"When it was built, as the daemon writes it."`
}

// DockerVersion has one row where a daemon answers.
// Source: Docker Engine API, /version.
var DockerVersion = tables.Define[dockerVersion](tables.Spec{
	Name: "docker_version", Doc: "Version of Docker's daemon.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT version, api_version, go_version FROM docker_version"},
}, generateDockerVersion)

func generateDockerVersion(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*dockerVersion) error) error {
	return withDocker(ctx, host, func(docker *unixhttp.Client) error {
		var v struct{ Version, APIVersion, MinAPIVersion, GitCommit, GoVersion, Os, Arch, KernelVersion, BuildTime string }
		if err := docker.Get(ctx, "/version", &v); err != nil {
			return err
		}
		return emit(&dockerVersion{
			Version: v.Version, APIVersion: v.APIVersion, MinAPIVersion: v.MinAPIVersion, GitCommit: v.GitCommit, GoVersion: v.GoVersion,
			OS: v.Os, Arch: v.Arch, KernelVersion: v.KernelVersion, BuildTime: v.BuildTime,
		})
	})
}
