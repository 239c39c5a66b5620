package containers

import (
	"context"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// dockerNetworkObject is what the tables need of an entry of /networks.
type dockerNetworkObject struct {
	ID                    string `json:"Id"`
	Name, Driver, Created string
	EnableIPv6            bool
	Labels                map[string]string
	IPAM                  struct {
		Config []struct{ Subnet, Gateway string }
	}
}

var listNetworks = dockerList{path: "/networks", filter: "id"}

// dockerNetwork is one network.
type dockerNetwork struct {
	ID         string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the network; as the statement writes it where that is the start of one."`
	Name       string `col:"name" doc:"Name of the network."`
	Driver     string `col:"driver" doc:"Driver: bridge, host, overlay, macvlan, null."`
	Created    int64  `col:"created" doc:"When it was made, in Unix seconds; 0 where unknown."`
	EnableIPv6 int32  `col:"enable_ipv6" doc:"1 where it has IPv6."`
	Subnet     string `col:"subnet" doc:"Its first range of addresses."`
	Gateway    string `col:"gateway" doc:"Gateway of that range."`
}

// DockerNetworks has a row for each network.
// Source: Docker Engine API, /networks.
var DockerNetworks = tables.Define[dockerNetwork](tables.Spec{
	Name: "docker_networks", Doc: "Networks of Docker, or of Podman's service.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, driver, subnet FROM docker_networks"},
}, generateDockerNetworks)

func generateDockerNetworks(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerNetwork) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listNetworks, func(_ *unixhttp.Client, n *dockerNetworkObject) error {
		row := dockerNetwork{ID: askedAs(n.ID, ids), Name: n.Name, Driver: n.Driver, Created: secondsOf(n.Created), EnableIPv6: flag(n.EnableIPv6)}
		if len(n.IPAM.Config) > 0 {
			row.Subnet, row.Gateway = n.IPAM.Config[0].Subnet, n.IPAM.Config[0].Gateway
		}
		return emit(&row)
	})
}

// secondsOf reads a time in RFC 3339 form as Unix seconds; 0 where it is none.
func secondsOf(text string) int64 {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() <= 1 {
		return 0
	}
	return at.Unix()
}

// dockerVolumeObject is what the tables need of an entry of /volumes.
type dockerVolumeObject struct {
	Name, Driver, Mountpoint string
	Options, Labels          map[string]string
}

// dockerVolume is one volume.
type dockerVolume struct {
	Name       string `col:"name" opt:"index" doc:"Name of the volume."`
	Driver     string `col:"driver" doc:"Driver of the volume."`
	MountPoint string `col:"mount_point" doc:"Where it lies on the host."`
	Type       string `col:"type" doc:"Type of its file system, where its options name one."`
}

// DockerVolumes has a row for each volume.
// Source: Docker Engine API, /volumes.
var DockerVolumes = tables.Define[dockerVolume](tables.Spec{
	Name: "docker_volumes", Doc: "Volumes of Docker, or of Podman's service.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, mount_point FROM docker_volumes WHERE driver != 'local'"},
}, generateDockerVolumes)

func generateDockerVolumes(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerVolume) error) error {
	return eachVolume(ctx, host, q, func(v *dockerVolumeObject) error {
		return emit(&dockerVolume{Name: v.Name, Driver: v.Driver, MountPoint: v.Mountpoint, Type: v.Options["type"]})
	})
}

// eachVolume visits the volumes, which are listed one level deeper than other objects.
func eachVolume(ctx context.Context, host tables.Host, q *tables.Query, visit func(*dockerVolumeObject) error) error {
	path, asks := dockerList{path: "/volumes", filter: "name"}.url(q)
	if !asks {
		return nil
	}
	return withDocker(ctx, host, func(docker *unixhttp.Client) error {
		var answer struct{ Volumes []dockerVolumeObject }
		if err := docker.Get(ctx, path, &answer); err != nil {
			return err
		}
		for i := range answer.Volumes {
			if err := visit(&answer.Volumes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
