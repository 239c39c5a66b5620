package containers

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Containers,
	DockerContainerEnvs,
	DockerContainerFSChanges,
	DockerContainerLabels,
	DockerContainerMounts,
	DockerContainerNetworks,
	DockerContainerPorts,
	DockerContainerProcesses,
	DockerContainerStats,
	DockerContainers,
	DockerImageHistory,
	DockerImageLabels,
	DockerImageLayers,
	DockerImages,
	DockerInfo,
	DockerNetworkLabels,
	DockerNetworks,
	DockerVersion,
	DockerVolumeLabels,
	DockerVolumes,
	KubernetesNode,
	LXDCertificates,
	LXDCluster,
	LXDClusterMembers,
	LXDImages,
	LXDInstanceConfig,
	LXDInstanceDevices,
	LXDInstances,
	LXDNetworks,
	LXDStoragePools,
}
