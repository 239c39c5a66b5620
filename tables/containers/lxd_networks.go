package containers

import (
	"context"
	"net/url"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// lxdNetwork is one network. Its figures are NULL where the daemon does not tell its state.
type lxdNetwork struct {
	Name            string              `col:"name" doc:"Name of the network."`
	Type            string              `col:"type" doc:"bridge, physical, macvlan, ovn or loopback."`
	Managed         int32               `col:"managed" doc:"1 where the daemon made it."`
	IPv4Address     string              `col:"ipv4_address" doc:"IPv4 address of the host in it, with the prefix."`
	IPv6Address     string              `col:"ipv6_address" doc:"IPv6 address of the host in it, with the prefix."`
	UsedBy          string              `col:"used_by" doc:"What uses it, parted by commas."`
	BytesReceived   tables.Null[int64]  `col:"bytes_received" doc:"Bytes received."`
	BytesSent       tables.Null[int64]  `col:"bytes_sent" doc:"Bytes sent."`
	PacketsReceived tables.Null[int64]  `col:"packets_received" doc:"Packets received."`
	PacketsSent     tables.Null[int64]  `col:"packets_sent" doc:"Packets sent."`
	HWAddr          tables.Null[string] `col:"hwaddr" doc:"Hardware address."`
	State           tables.Null[string] `col:"state" doc:"up or down."`
	MTU             tables.Null[int64]  `col:"mtu" type:"INTEGER" doc:"Largest packet in bytes."`
}

// LXDNetworks has a row for each network that the daemon knows.
// Source: LXD's API, /1.0/networks.
var LXDNetworks = tables.Define[lxdNetwork](tables.Spec{
	Name: "lxd_networks", Doc: "Networks of LXD or Incus.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, type, ipv4_address, used_by FROM lxd_networks WHERE managed = 1"},
}, generateLXDNetworks)

func generateLXDNetworks(ctx context.Context, host tables.Host, q *tables.Query, emit func(*lxdNetwork) error) error {
	type object struct {
		Name, Type string
		Managed    bool
		Config     map[string]string
		UsedBy     []string `json:"used_by"`
	}
	wantsState := q.WantsAny("bytes_received", "bytes_sent", "packets_received", "packets_sent", "hwaddr", "state", "mtu")
	return eachLXD(ctx, host, "networks", func(d lxd, o *object) error {
		var users []string
		for _, user := range o.UsedBy {
			users = append(users, strings.TrimPrefix(user, "/1.0/instances/"))
		}
		row := lxdNetwork{
			Name: o.Name, Type: o.Type, Managed: flag(o.Managed), IPv4Address: o.Config["ipv4.address"], IPv6Address: o.Config["ipv6.address"],
			UsedBy: strings.Join(users, ","),
		}
		if wantsState {
			var state struct {
				HWAddr, State string
				MTU           int64
				Counters      struct {
					BytesReceived   uint64 `json:"bytes_received"`
					BytesSent       uint64 `json:"bytes_sent"`
					PacketsReceived uint64 `json:"packets_received"`
					PacketsSent     uint64 `json:"packets_sent"`
				}
			}
			ok, err := d.part(ctx, host, "/1.0/networks/"+url.PathEscape(o.Name)+"/state", &state)
			if err != nil {
				return err
			}
			if ok {
				c := state.Counters
				row.BytesReceived, row.BytesSent = tables.Some(signed(c.BytesReceived)), tables.Some(signed(c.BytesSent))
				row.PacketsReceived, row.PacketsSent = tables.Some(signed(c.PacketsReceived)), tables.Some(signed(c.PacketsSent))
				row.HWAddr, row.State, row.MTU = tables.Some(state.HWAddr), tables.Some(state.State), tables.Some(state.MTU)
			}
		}
		return emit(&row)
	})
}

// lxdPool is one pool of storage. Its figures are NULL where the daemon does not tell them.
type lxdPool struct {
	Name        string             `col:"name" doc:"Name of the pool."`
	Driver      string             `col:"driver" doc:"dir, btrfs, lvm, zfs or ceph."`
	Source      string             `col:"source" doc:"Device, directory or data set that it lies on."`
	Size        string             `col:"size" doc:"Size as it is configured."`
	SpaceUsed   tables.Null[int64] `col:"space_used" doc:"Bytes in use."`
	SpaceTotal  tables.Null[int64] `col:"space_total" doc:"Bytes in all."`
	InodesUsed  tables.Null[int64] `col:"inodes_used" doc:"Inodes in use."`
	InodesTotal tables.Null[int64] `col:"inodes_total" doc:"Inodes in all."`
}

// LXDStoragePools has a row for each pool.
// Source: LXD's API, /1.0/storage-pools.
var LXDStoragePools = tables.Define[lxdPool](tables.Spec{
	Name: "lxd_storage_pools", Doc: "Pools of storage of LXD or Incus.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, driver, 100 * space_used / space_total AS percent FROM lxd_storage_pools"},
}, generateLXDPools)

func generateLXDPools(ctx context.Context, host tables.Host, q *tables.Query, emit func(*lxdPool) error) error {
	type object struct {
		Name, Driver string
		Config       map[string]string
	}
	wantsResources := q.WantsAny("space_used", "space_total", "inodes_used", "inodes_total")
	return eachLXD(ctx, host, "storage-pools", func(d lxd, o *object) error {
		row := lxdPool{Name: o.Name, Driver: o.Driver, Source: o.Config["source"], Size: o.Config["size"]}
		if wantsResources {
			var resources struct{ Space, Inodes struct{ Used, Total uint64 } }
			ok, err := d.part(ctx, host, "/1.0/storage-pools/"+url.PathEscape(o.Name)+"/resources", &resources)
			if err != nil {
				return err
			}
			if ok {
				row.SpaceUsed, row.SpaceTotal = tables.Some(signed(resources.Space.Used)), tables.Some(signed(resources.Space.Total))
				row.InodesUsed, row.InodesTotal = tables.Some(signed(resources.Inodes.Used)), tables.Some(signed(resources.Inodes.Total))
			}
		}
		return emit(&row)
	})
}

// lxdCluster is the cluster with one setting that joining it takes.
type lxdCluster struct {
	ServerName  string `col:"server_name" doc:"Name of this server in the cluster."`
	Enabled     int32  `col:"enabled" doc:"1 where it is in a cluster."`
	Entity      string `col:"member_config_entity" doc:"Kind of object that the setting is of: network, storage-pool."`
	Name        string `col:"member_config_name" doc:"Name of the object."`
	Key         string `col:"member_config_key" doc:"Name of the setting."`
	Value       string `col:"member_config_value" doc:"Value of the setting."`
	Description string `col:"member_config_description" doc:"What the setting asks for."`
}

// LXDCluster has a row for each setting, or one row without where there is none.
// Source: LXD's API, /1.0/cluster.
var LXDCluster = tables.Define[lxdCluster](tables.Spec{
	Name: "lxd_cluster", Doc: "The cluster that this server of LXD or Incus is in.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT server_name, enabled FROM lxd_cluster"},
}, generateLXDCluster)

func generateLXDCluster(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*lxdCluster) error) error {
	return withLXD(ctx, host, func(d lxd) error {
		var cluster struct {
			ServerName   string `json:"server_name"`
			Enabled      bool
			MemberConfig []struct{ Entity, Name, Key, Value, Description string } `json:"member_config"`
		}
		if err := d.get(ctx, "/1.0/cluster", &cluster); err != nil {
			return err
		}
		row := lxdCluster{ServerName: cluster.ServerName, Enabled: flag(cluster.Enabled)}
		if len(cluster.MemberConfig) == 0 {
			return emit(&row)
		}
		for _, c := range cluster.MemberConfig {
			row.Entity, row.Name, row.Key, row.Value, row.Description = c.Entity, c.Name, c.Key, c.Value, c.Description
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// lxdMember is one server of the cluster.
type lxdMember struct {
	ServerName string `col:"server_name" doc:"Name of the server."`
	URL        string `col:"url" doc:"Address of the server."`
	Database   int32  `col:"database" doc:"1 where it has a part of the database."`
	Status     string `col:"status" doc:"Online, Offline or Evacuated."`
	Message    string `col:"message" doc:"What the status means."`
}

// LXDClusterMembers has a row for each server of the cluster.
// Source: LXD's API, /1.0/cluster/members.
var LXDClusterMembers = tables.Define[lxdMember](tables.Spec{
	Name: "lxd_cluster_members", Doc: "Servers of the cluster that this server of LXD or Incus is in.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT server_name, url, status FROM lxd_cluster_members WHERE status != 'Online'"},
}, generateLXDMembers)

func generateLXDMembers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*lxdMember) error) error {
	type object struct {
		ServerName           string `json:"server_name"`
		URL, Status, Message string
		Database             bool
	}
	return eachLXD(ctx, host, "cluster/members", func(_ lxd, o *object) error {
		return emit(&lxdMember{ServerName: o.ServerName, URL: o.URL, Database: flag(o.Database), Status: o.Status, Message: o.Message})
	})
}
