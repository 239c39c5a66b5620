package cloud

import (
	"context"
	"path"

	"github.com/tenantra/tenantra/tables"
)

// instance is what any cloud tells of the machine, in one shape. What a cloud does not tell is NULL.
type instance struct {
	Provider     string              `col:"provider" doc:"Cloud: aws, azure, gcp or yandex."`
	InstanceID   string              `col:"instance_id" doc:"Identifier of the instance."`
	Name         tables.Null[string] `col:"name" doc:"Name of the instance."`
	InstanceType tables.Null[string] `col:"instance_type" doc:"Type or size of the instance."`
	Region       tables.Null[string] `col:"region" doc:"Region of the cloud."`
	Zone         tables.Null[string] `col:"zone" doc:"Zone in the region."`
	AccountID    string              `col:"account_id" doc:"Account, subscription, project or folder that owns it."`
	Image        tables.Null[string] `col:"image" doc:"Image that it was started from."`
	PrivateIP    tables.Null[string] `col:"private_ip" doc:"Private IPv4 address."`
	PublicIP     tables.Null[string] `col:"public_ip" doc:"Public IPv4 address."`
}

// Instance has one row on a machine of Amazon EC2, Azure, Google Compute Engine or Yandex Cloud.
// Source: the metadata services of the clouds.
var Instance = tables.DefineByPlatform(tables.Spec{
	Name: "cloud_instance", Doc: "The cloud's view of the machine, in one shape for all clouds.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{"SELECT provider, account_id, region, instance_id, instance_type FROM cloud_instance"},
}, tables.Generators[instance]{Linux: generateInstance, Windows: generateInstance})

func generateInstance(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*instance) error) error {
	name := provider(ctx, host)
	s, ok := inCloud(ctx, host, name)
	if !ok || name == "" {
		return nil
	}
	defer s.close()
	row, err := askInstance(ctx, s, name)
	if err != nil {
		return err
	}
	return emit(row)
}

func askInstance(ctx context.Context, s *service, name string) (*instance, error) {
	switch name {
	case aws:
		return askEC2Instance(ctx, s)
	case azure:
		return askAzureInstance(ctx, s)
	case google:
		return askGoogleInstance(ctx, s)
	default:
		m, err := askYandex(ctx, s)
		if err != nil {
			return nil, err
		}
		return &instance{Provider: yandex, InstanceID: m.InstanceID, Name: tables.Some(m.Name), Zone: tables.Some(m.Zone), AccountID: m.FolderID}, nil
	}
}

func askEC2Instance(ctx context.Context, s *service) (*instance, error) {
	m, err := askEC2(ctx, s)
	if err != nil {
		return nil, err
	}
	public, err := s.optional(ctx, "/latest/meta-data/public-ipv4")
	if err != nil {
		return nil, err
	}
	return &instance{
		Provider: aws, InstanceID: m.InstanceID, InstanceType: tables.Some(m.InstanceType), Region: tables.Some(m.Region),
		Zone: tables.Some(m.AvailabilityZone), AccountID: m.AccountID, Image: tables.Some(m.AMIID), PrivateIP: tables.Some(m.LocalIPv4), PublicIP: public,
	}, nil
}

func askAzureInstance(ctx context.Context, s *service) (*instance, error) {
	m, err := askAzure(ctx, s)
	if err != nil {
		return nil, err
	}
	row := &instance{
		Provider: azure, InstanceID: m.VMID, Name: tables.Some(m.Name), InstanceType: tables.Some(m.VMSize), Region: tables.Some(m.Location),
		Zone: tables.Some(m.Zone), AccountID: m.SubscriptionID, Image: tables.Some(m.Publisher + ":" + m.Offer + ":" + m.SKU + ":" + m.Version),
	}
	const address = "/metadata/instance/network/interface/0/ipv4/ipAddress/0/"
	const form = "?api-version=2021-02-01&format=text"
	if row.PrivateIP, err = s.optional(ctx, address+"privateIpAddress"+form); err != nil {
		return nil, err
	}
	row.PublicIP, err = s.optional(ctx, address+"publicIpAddress"+form)
	return row, err
}

func askGoogleInstance(ctx context.Context, s *service) (*instance, error) {
	row := &instance{Provider: google}
	var id, project, kind, zone tables.Null[string]
	var err error
	// Each entry by itself: the attributes beside them hold scripts and keys.
	for _, entry := range []struct {
		path string
		into *tables.Null[string]
	}{
		{"instance/id", &id}, {"instance/name", &row.Name}, {"instance/machine-type", &kind}, {"instance/zone", &zone}, {"instance/image", &row.Image},
		{"project/project-id", &project}, {"instance/network-interfaces/0/ip", &row.PrivateIP},
		{"instance/network-interfaces/0/access-configs/0/external-ip", &row.PublicIP},
	} {
		if *entry.into, err = s.optional(ctx, "/computeMetadata/v1/"+entry.path); err != nil {
			return nil, err
		}
	}
	row.InstanceID, row.AccountID = id.V, project.V
	if kind.V != "" { // projects/NUMBER/machineTypes/TYPE
		row.InstanceType = tables.Some(path.Base(kind.V))
	}
	if zone.V != "" { // projects/NUMBER/zones/REGION-LETTER
		row.Zone = tables.Some(path.Base(zone.V))
		if base := row.Zone.V; len(base) > 2 && base[len(base)-2] == '-' {
			row.Region = tables.Some(base[:len(base)-2])
		}
	}
	return row, nil
}
