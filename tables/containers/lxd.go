package containers

import (
	"context"
	"net/url"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// lxdSockets are where LXD listens as a snap and as a package, and Incus, which was made from it and speaks its language.
var lxdSockets = []string{"/var/snap/lxd/common/lxd/unix.socket", "/var/lib/lxd/unix.socket", "/var/lib/incus/unix.socket"}

// lxd is a daemon that answers in LXD's envelope.
type lxd struct{ *unixhttp.Client }

func withLXD(ctx context.Context, host tables.Host, ask func(lxd) error) error {
	return withDaemon(ctx, host, lxdSockets, func(client *unixhttp.Client) error { return ask(lxd{client}) })
}

// get decodes what the envelope holds.
func (d lxd) get(ctx context.Context, path string, into any) error {
	return d.Get(ctx, path, &struct {
		Metadata any `json:"metadata"`
	}{into})
}

// eachLXD visits the objects of a collection, all of them in one request. A daemon without the collection has none.
func eachLXD[Object any](ctx context.Context, host tables.Host, collection string, visit func(lxd, *Object) error) error {
	return withLXD(ctx, host, func(d lxd) error {
		var objects []Object
		if err := d.get(ctx, "/1.0/"+collection+"?recursion=1", &objects); err != nil {
			if unixhttp.IsGone(err) {
				return nil
			}
			return err
		}
		for i := range objects {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := visit(d, &objects[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// part asks for a part of an object; ok is false where it is not to be had.
func (d lxd) part(ctx context.Context, host tables.Host, path string, into any) (ok bool, err error) {
	err = d.get(ctx, path, into)
	if err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	hostfile.Skipped(ctx, host, path, err)
	return false, nil
}

// eachLXDNamed asks for the instances that the statement names.
func eachLXDNamed(ctx context.Context, host tables.Host, q *tables.Query, visit func(*lxdInstanceObject) error) error {
	names := q.Equal("name")
	if len(names) == 0 {
		return nil
	}
	return withLXD(ctx, host, func(d lxd) error {
		for _, name := range names {
			var object lxdInstanceObject
			ok, err := d.part(ctx, host, lxdInstancePath(name), &object)
			if err != nil {
				return err
			}
			if !ok || object.Name != name {
				continue
			}
			if err := visit(&object); err != nil {
				return err
			}
		}
		return nil
	})
}

func lxdInstancePath(name string) string { return "/1.0/instances/" + url.PathEscape(name) }

// lxdInstanceObject is what the tables need of an instance.
type lxdInstanceObject struct {
	Name, Status, Architecture, Description string
	CreatedAt                               string `json:"created_at"`
	Stateful, Ephemeral                     bool
	Config                                  map[string]string
	Devices                                 map[string]map[string]string `json:"expanded_devices"`
}

// lxdInstance is one container or virtual machine.
type lxdInstance struct {
	Name         string             `col:"name" opt:"index" doc:"Name of the instance."`
	Status       string             `col:"status" doc:"Running, Stopped, Frozen or Error."`
	Stateful     int32              `col:"stateful" doc:"1 where its memory is kept over a stop."`
	Ephemeral    int32              `col:"ephemeral" doc:"1 where it goes away when it stops."`
	CreatedAt    string             `col:"created_at" doc:"When it was made, in RFC 3339 form."`
	BaseImage    string             `col:"base_image" doc:"Identifier of the image that it was made from."`
	Architecture string             `col:"architecture" doc:"Processor architecture."`
	OS           string             `col:"os" doc:"Operating system of its image."`
	Description  string             `col:"description" doc:"Description of the instance, or of its image."`
	PID          tables.Null[int64] `col:"pid" type:"INTEGER" doc:"Its first process by the host's number; 0 where it does not run."`
	Processes    tables.Null[int64] `col:"processes" type:"INTEGER" doc:"Number of its processes."`
}

// LXDInstances has a row for each instance of the default project.
// Source: LXD's API, /1.0/instances.
var LXDInstances = tables.Define[lxdInstance](tables.Spec{
	Name: "lxd_instances", Doc: "Containers and virtual machines of LXD or Incus.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, status, os, pid FROM lxd_instances"},
}, generateLXDInstances)

func generateLXDInstances(ctx context.Context, host tables.Host, q *tables.Query, emit func(*lxdInstance) error) error {
	wantsState := q.WantsAny("pid", "processes")
	return eachLXD(ctx, host, "instances", func(d lxd, o *lxdInstanceObject) error {
		row := lxdInstance{
			Name: o.Name, Status: o.Status, Stateful: flag(o.Stateful), Ephemeral: flag(o.Ephemeral), CreatedAt: o.CreatedAt,
			BaseImage: o.Config["volatile.base_image"], Architecture: o.Architecture, OS: o.Config["image.os"], Description: o.Description,
		}
		if row.Description == "" {
			row.Description = o.Config["image.description"]
		}
		if wantsState {
			var state struct{ PID, Processes int64 }
			ok, err := d.part(ctx, host, lxdInstancePath(o.Name)+"/state", &state)
			if err != nil {
				return err
			}
			if ok {
				row.PID, row.Processes = tables.Some(state.PID), tables.Some(state.Processes)
			}
		}
		return emit(&row)
	})
}

// lxdInstanceSetting is one setting of an instance.
type lxdInstanceSetting struct {
	Name  string `col:"name" opt:"required,index" doc:"Name of the instance."`
	Key   string `col:"key" doc:"Name of the setting."`
	Value string `col:"value" class:"content" doc:"Value of the setting, user data and environment among them."`
}

// LXDInstanceConfig has a row for each setting of the instances that the statement names.
// Source: LXD's API, /1.0/instances/NAME.
var LXDInstanceConfig = tables.Define[lxdInstanceSetting](tables.Spec{
	Name: "lxd_instance_config", Doc: "Settings of instances of LXD or Incus.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT i.name FROM lxd_instances i JOIN lxd_instance_config c USING (name) WHERE c.key = 'security.privileged' AND c.value = 'true'"},
}, generateLXDInstanceConfig)

func generateLXDInstanceConfig(ctx context.Context, host tables.Host, q *tables.Query, emit func(*lxdInstanceSetting) error) error {
	return eachLXDNamed(ctx, host, q, func(o *lxdInstanceObject) error {
		return eachLabel(o.Config, func(key, value string) error {
			return emit(&lxdInstanceSetting{Name: o.Name, Key: key, Value: value})
		})
	})
}

// lxdInstanceDevice is one setting of a device of an instance.
type lxdInstanceDevice struct {
	Name       string `col:"name" opt:"required,index" doc:"Name of the instance."`
	Device     string `col:"device" doc:"Name of the device."`
	DeviceType string `col:"device_type" doc:"Type of the device: disk, nic, unix-char."`
	Key        string `col:"key" doc:"Name of the setting."`
	Value      string `col:"value" doc:"Value of the setting."`
}

// LXDInstanceDevices has a row for each setting of each device, those of profiles included.
// Source: LXD's API, /1.0/instances/NAME.
var LXDInstanceDevices = tables.Define[lxdInstanceDevice](tables.Spec{
	Name: "lxd_instance_devices", Doc: "Devices of instances of LXD or Incus.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT i.name, d.value FROM lxd_instances i JOIN lxd_instance_devices d USING (name) WHERE d.device_type = 'disk' AND d.key = 'source'"},
}, generateLXDInstanceDevices)

func generateLXDInstanceDevices(ctx context.Context, host tables.Host, q *tables.Query, emit func(*lxdInstanceDevice) error) error {
	return eachLXDNamed(ctx, host, q, func(o *lxdInstanceObject) error {
		for _, device := range sortedKeys(o.Devices) {
			settings := o.Devices[device]
			err := eachLabel(settings, func(key, value string) error {
				if key == "type" {
					return nil
				}
				return emit(&lxdInstanceDevice{Name: o.Name, Device: device, DeviceType: settings["type"], Key: key, Value: value})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// lxdImage is one image.
type lxdImage struct {
	ID                string `col:"id" opt:"index" collate:"NOCASE" doc:"Fingerprint of the image; as the statement writes it where that is the start of one."`
	Architecture      string `col:"architecture" doc:"Processor architecture."`
	OS                string `col:"os" doc:"Operating system of the image."`
	Release           string `col:"release" doc:"Release of the operating system."`
	Description       string `col:"description" doc:"Description of the image."`
	Aliases           string `col:"aliases" doc:"Names of the image, parted by commas."`
	Filename          string `col:"filename" doc:"File that it was made from."`
	Size              int64  `col:"size" doc:"Bytes of the image."`
	AutoUpdate        int32  `col:"auto_update" doc:"1 where it is kept up to date."`
	Cached            int32  `col:"cached" doc:"1 where it was fetched for an instance."`
	Public            int32  `col:"public" doc:"1 where anyone may fetch it."`
	CreatedAt         string `col:"created_at" doc:"When it was made, in RFC 3339 form."`
	ExpiresAt         string `col:"expires_at" doc:"When it ends, in RFC 3339 form."`
	UploadedAt        string `col:"uploaded_at" doc:"When it came here, in RFC 3339 form."`
	LastUsedAt        string `col:"last_used_at" doc:"When it was last used, in RFC 3339 form."`
	SourceServer      string `col:"update_source_server" doc:"Server that it is updated from."`
	SourceProtocol    string `col:"update_source_protocol" doc:"Protocol of that server."`
	SourceCertificate string `col:"update_source_certificate" doc:"Certificate of that server."`
	SourceAlias       string `col:"update_source_alias" doc:"Name of the image on that server."`
}

// LXDImages has a row for each image.
// Source: LXD's API, /1.0/images.
var LXDImages = tables.Define[lxdImage](tables.Spec{
	Name: "lxd_images", Doc: "Images of LXD or Incus.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT id, os, release, aliases FROM lxd_images WHERE public = 1"},
}, generateLXDImages)

func generateLXDImages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*lxdImage) error) error {
	type object struct {
		Fingerprint, Architecture, Filename string
		Size                                int64
		AutoUpdate                          bool `json:"auto_update"`
		Cached, Public                      bool
		CreatedAt                           string `json:"created_at"`
		ExpiresAt                           string `json:"expires_at"`
		UploadedAt                          string `json:"uploaded_at"`
		LastUsedAt                          string `json:"last_used_at"`
		Properties                          map[string]string
		Aliases                             []struct{ Name string }
		UpdateSource                        struct{ Server, Protocol, Certificate, Alias string } `json:"update_source"`
	}
	ids := q.Equal("id")
	return eachLXD(ctx, host, "images", func(_ lxd, o *object) error {
		var aliases []string
		for _, alias := range o.Aliases {
			aliases = append(aliases, alias.Name)
		}
		return emit(&lxdImage{
			ID: askedAs(o.Fingerprint, ids), Architecture: o.Architecture, OS: o.Properties["os"], Release: o.Properties["release"],
			Description: o.Properties["description"], Aliases: strings.Join(aliases, ","), Filename: o.Filename, Size: o.Size,
			AutoUpdate: flag(o.AutoUpdate), Cached: flag(o.Cached), Public: flag(o.Public), CreatedAt: o.CreatedAt, ExpiresAt: o.ExpiresAt,
			UploadedAt: o.UploadedAt, LastUsedAt: o.LastUsedAt, SourceServer: o.UpdateSource.Server, SourceProtocol: o.UpdateSource.Protocol,
			SourceCertificate: o.UpdateSource.Certificate, SourceAlias: o.UpdateSource.Alias,
		})
	})
}

// lxdCertificate is one certificate that the daemon trusts.
type lxdCertificate struct {
	Name        string `col:"name" doc:"Name of the certificate."`
	Type        string `col:"type" doc:"client, server or metrics."`
	Fingerprint string `col:"fingerprint" collate:"NOCASE" doc:"SHA-256 digest of the certificate."`
	Certificate string `col:"certificate" doc:"Certificate in PEM form."`
}

// LXDCertificates has a row for each certificate whose owner may command the daemon.
// Source: LXD's API, /1.0/certificates.
var LXDCertificates = tables.Define[lxdCertificate](tables.Spec{
	Name: "lxd_certificates", Doc: "Certificates that LXD or Incus trusts.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, type, fingerprint FROM lxd_certificates"},
}, generateLXDCertificates)

func generateLXDCertificates(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*lxdCertificate) error) error {
	type object struct{ Name, Type, Fingerprint, Certificate string }
	return eachLXD(ctx, host, "certificates", func(_ lxd, o *object) error {
		return emit(&lxdCertificate{Name: o.Name, Type: o.Type, Fingerprint: o.Fingerprint, Certificate: o.Certificate})
	})
}
