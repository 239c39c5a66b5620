package containers

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// listedPort, listedMount and listedNetwork are parts of an entry of /containers/json.
type (
	listedPort struct {
		IP, Type                string
		PrivatePort, PublicPort int32
	}
	listedMount struct {
		Type, Name, Source, Destination, Driver, Mode, Propagation string
		RW                                                         bool
	}
	listedNetwork struct {
		NetworkID, EndpointID, Gateway, IPAddress, IPv6Gateway, GlobalIPv6Address, MacAddress string
		IPPrefixLen, GlobalIPv6PrefixLen                                                      int32
	}
)

// dockerMount is one mount of a container.
type dockerMount struct {
	ID          string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the container; as the statement writes it where that is the start of one."`
	Type        string `col:"type" doc:"bind, volume, tmpfs or npipe."`
	Name        string `col:"name" opt:"index" doc:"Name of the volume."`
	Source      string `col:"source" doc:"Path on the host."`
	Destination string `col:"destination" doc:"Path in the container."`
	Driver      string `col:"driver" doc:"Driver of the volume."`
	Mode        string `col:"mode" doc:"Options: rw, ro, z."`
	RW          int32  `col:"rw" doc:"1 where it may be written to."`
	Propagation string `col:"propagation" doc:"How mounts below it are shared: rprivate, rshared."`
}

// DockerContainerMounts has a row for each mount.
// Source: Docker Engine API, /containers/json.
var DockerContainerMounts = tables.Define[dockerMount](tables.Spec{
	Name: "docker_container_mounts", Doc: "Directories and volumes mounted in containers.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT c.name, m.source, m.rw FROM docker_container_mounts m JOIN docker_containers c USING (id) WHERE m.source IN ('/', '/etc', '/var/run/docker.sock')"},
}, generateDockerMounts)

func generateDockerMounts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerMount) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listContainers, func(_ *unixhttp.Client, c *listedContainer) error {
		for _, m := range c.Mounts {
			err := emit(&dockerMount{
				ID: askedAs(c.ID, ids), Type: m.Type, Name: m.Name, Source: m.Source, Destination: m.Destination, Driver: m.Driver,
				Mode: m.Mode, RW: flag(m.RW), Propagation: m.Propagation,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// dockerContainerNetwork is one network that a container is in.
type dockerContainerNetwork struct {
	ID            string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the container; as the statement writes it where that is the start of one."`
	Name          string `col:"name" opt:"index" doc:"Name of the network."`
	NetworkID     string `col:"network_id" collate:"NOCASE" doc:"Identifier of the network."`
	EndpointID    string `col:"endpoint_id" collate:"NOCASE" doc:"Identifier of the container's end."`
	Gateway       string `col:"gateway" doc:"IPv4 gateway."`
	IPAddress     string `col:"ip_address" doc:"IPv4 address of the container."`
	IPPrefixLen   int32  `col:"ip_prefix_len" doc:"Length of the IPv4 network's prefix."`
	IPv6Gateway   string `col:"ipv6_gateway" doc:"IPv6 gateway."`
	IPv6Address   string `col:"ipv6_address" doc:"IPv6 address of the container."`
	IPv6PrefixLen int32  `col:"ipv6_prefix_len" doc:"Length of the IPv6 network's prefix."`
	MACAddress    string `col:"mac_address" collate:"NOCASE" doc:"Hardware address of the container."`
}

// DockerContainerNetworks has a row for each container and network.
// Source: Docker Engine API, /containers/json.
var DockerContainerNetworks = tables.Define[dockerContainerNetwork](tables.Spec{
	Name: "docker_container_networks", Doc: "Networks that containers are in.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT id, name, ip_address FROM docker_container_networks WHERE name = 'host'"},
}, generateDockerContainerNetworks)

func generateDockerContainerNetworks(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerContainerNetwork) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listContainers, func(_ *unixhttp.Client, c *listedContainer) error {
		for _, name := range sortedKeys(c.NetworkSettings.Networks) {
			n := c.NetworkSettings.Networks[name]
			err := emit(&dockerContainerNetwork{
				ID: askedAs(c.ID, ids), Name: name, NetworkID: n.NetworkID, EndpointID: n.EndpointID, Gateway: n.Gateway, IPAddress: n.IPAddress,
				IPPrefixLen: n.IPPrefixLen, IPv6Gateway: n.IPv6Gateway, IPv6Address: n.GlobalIPv6Address, IPv6PrefixLen: n.GlobalIPv6PrefixLen,
				MACAddress: n.MacAddress,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// dockerPort is one port of a container.
type dockerPort struct {
	ID       string `col:"id" opt:"additional" collate:"NOCASE" doc:"Identifier of the container; as the statement writes it where that is the start of one."`
	Type     string `col:"type" doc:"Protocol: tcp, udp or sctp."`
	Port     int32  `col:"port" doc:"Port inside the container."`
	HostIP   string `col:"host_ip" doc:"Address of the host that it is published on; empty where it is not."`
	HostPort int32  `col:"host_port" doc:"Port of the host; 0 where it is not published."`
}

// DockerContainerPorts has a row for each port that an image exposes or that is published.
// Source: Docker Engine API, /containers/json.
var DockerContainerPorts = tables.Define[dockerPort](tables.Spec{
	Name: "docker_container_ports", Doc: "Ports that containers expose, and where the host publishes them.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT c.name, p.host_ip, p.host_port, p.port FROM docker_container_ports p JOIN docker_containers c USING (id) WHERE p.host_ip IN ('0.0.0.0', '::')"},
}, generateDockerPorts)

func generateDockerPorts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerPort) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listContainers, func(_ *unixhttp.Client, c *listedContainer) error {
		for _, p := range c.Ports {
			if err := emit(&dockerPort{ID: askedAs(c.ID, ids), Type: p.Type, Port: p.PrivatePort, HostIP: p.IP, HostPort: p.PublicPort}); err != nil {
				return err
			}
		}
		return nil
	})
}

// dockerEnv is one variable of a container's environment.
type dockerEnv struct {
	ID    string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the container; as the statement writes it where that is the start of one."`
	Key   string `col:"key" class:"content" doc:"Name of the variable."`
	Value string `col:"value" class:"content" doc:"Value of the variable."`
}

// DockerContainerEnvs has a row for each variable that a container is configured with.
// Source: Docker Engine API, /containers/ID/json.
var DockerContainerEnvs = tables.Define[dockerEnv](tables.Spec{
	Name: "docker_container_envs", Doc: "Environment variables that containers are configured with.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT id, key FROM docker_container_envs WHERE key LIKE '%PASSWORD%'"},
}, generateDockerEnvs)

func generateDockerEnvs(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerEnv) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listContainers, func(docker *unixhttp.Client, c *listedContainer) error {
		var inspected inspectedContainer
		if ok, err := inspect(ctx, host, docker, "/containers/"+c.ID+"/json", &inspected); !ok {
			return err
		}
		for _, variable := range inspected.Config.Env {
			key, value, _ := strings.Cut(variable, "=")
			if err := emit(&dockerEnv{ID: askedAs(c.ID, ids), Key: key, Value: mask.Variable(key, value)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// dockerChange is one path of a container that differs from its image.
type dockerChange struct {
	ID         string `col:"id" opt:"required,index" collate:"NOCASE" doc:"Identifier of the container, or the start of one."`
	Path       string `col:"path" doc:"Path in the container."`
	ChangeType string `col:"change_type" doc:"C changed, A added, D deleted."`
}

// DockerContainerFSChanges has a row for each path that differs.
// Source: Docker Engine API, /containers/ID/changes.
var DockerContainerFSChanges = tables.Define[dockerChange](tables.Spec{
	Name: "docker_container_fs_changes", Doc: "Files of a container that differ from its image.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT c.name, f.path, f.change_type FROM docker_containers c JOIN docker_container_fs_changes f USING (id)"},
}, generateDockerChanges)

func generateDockerChanges(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerChange) error) error {
	return eachNamed(ctx, host, q, func(docker *unixhttp.Client, id string) error {
		var changes []struct {
			Path string
			Kind int
		}
		if ok, err := inspect(ctx, host, docker, "/containers/"+id+"/changes", &changes); !ok {
			return err
		}
		kinds := [...]string{"C", "A", "D"}
		for _, c := range changes {
			row := dockerChange{ID: id, Path: c.Path}
			if c.Kind >= 0 && c.Kind < len(kinds) {
				row.ChangeType = kinds[c.Kind]
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachNamed visits the ids that the statement names, for tables that require one.
func eachNamed(ctx context.Context, host tables.Host, q *tables.Query, visit func(docker *unixhttp.Client, id string) error) error {
	ids := dockerNames("id", q.Equal("id"))
	if len(ids) == 0 {
		return nil
	}
	return withDocker(ctx, host, func(docker *unixhttp.Client) error {
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := visit(docker, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// maskedVariables gives NAME=VALUE texts with credentials hidden.
func maskedVariables(variables []string) []string {
	masked := make([]string, len(variables))
	for i, variable := range variables {
		name, value, ok := strings.Cut(variable, "=")
		masked[i] = name
		if ok {
			masked[i] += "=" + mask.Variable(name, value)
		}
	}
	return masked
}
