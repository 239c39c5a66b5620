package cloud

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// azureMetadata is what Azure tells of the machine.
type azureMetadata struct {
	Location         string `col:"location" doc:"Region of the cloud."`
	Name             string `col:"name" doc:"Name of the virtual machine."`
	Offer            string `col:"offer" doc:"Offer of the image in the marketplace."`
	Publisher        string `col:"publisher" doc:"Publisher of the image."`
	SKU              string `col:"sku" doc:"Variant of the image."`
	Version          string `col:"version" doc:"Version of the image."`
	OSType           string `col:"os_type" doc:"Linux or Windows."`
	UpdateDomain     string `col:"platform_update_domain" doc:"Group of machines that the cloud updates together."`
	FaultDomain      string `col:"platform_fault_domain" doc:"Group of machines that fail together."`
	VMID             string `col:"vm_id" opt:"index" doc:"Identifier of the virtual machine."`
	VMSize           string `col:"vm_size" doc:"Size of the virtual machine: Standard_B2s."`
	SubscriptionID   string `col:"subscription_id" doc:"Subscription that pays for it."`
	ResourceGroup    string `col:"resource_group_name" doc:"Group of resources that it is in."`
	PlacementGroupID string `col:"placement_group_id" doc:"Placement group of its scale set."`
	ScaleSet         string `col:"vm_scale_set_name" doc:"Scale set that it is in."`
	Zone             string `col:"zone" doc:"Zone in the region."`
}

// AzureInstanceMetadata has one row on a virtual machine of Azure.
// Source: instance metadata service, instance/compute.
var AzureInstanceMetadata = tables.DefineByPlatform(tables.Spec{
	Name: "azure_instance_metadata", Doc: "What Azure tells of the virtual machine that the machine is.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{"SELECT vm_id, location, vm_size, subscription_id FROM azure_instance_metadata"},
}, tables.Generators[azureMetadata]{Linux: generateAzureMetadata, Windows: generateAzureMetadata})

// azureCompute is what the tables need of instance/compute.
type azureCompute struct {
	Location, Name, Offer, Publisher, SKU, Version, OSType, PlatformUpdateDomain, PlatformFaultDomain string
	VMID, VMSize, SubscriptionID, ResourceGroupName, PlacementGroupID, VMScaleSetName, Zone           string
	TagsList                                                                                          []struct{ Name, Value string }
}

const azurePath = "/metadata/instance/compute?api-version=2021-02-01&format=json"

func generateAzureMetadata(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*azureMetadata) error) error {
	s, ok := inCloud(ctx, host, azure)
	if !ok {
		return nil
	}
	defer s.close()
	row, err := askAzure(ctx, s)
	if err != nil {
		return err
	}
	return emit(row)
}

func askAzure(ctx context.Context, s *service) (*azureMetadata, error) {
	var c azureCompute
	if err := s.json(ctx, azurePath, &c); err != nil {
		return nil, err
	}
	return &azureMetadata{
		Location: c.Location, Name: c.Name, Offer: c.Offer, Publisher: c.Publisher, SKU: c.SKU, Version: c.Version, OSType: c.OSType,
		UpdateDomain: c.PlatformUpdateDomain, FaultDomain: c.PlatformFaultDomain, VMID: c.VMID, VMSize: c.VMSize, SubscriptionID: c.SubscriptionID,
		ResourceGroup: c.ResourceGroupName, PlacementGroupID: c.PlacementGroupID, ScaleSet: c.VMScaleSetName, Zone: c.Zone,
	}, nil
}

// azureTag is one tag.
type azureTag struct {
	VMID  string `col:"vm_id" doc:"Identifier of the virtual machine."`
	Key   string `col:"key" doc:"Name of the tag."`
	Value string `col:"value" doc:"Value of the tag."`
}

// AzureInstanceTags has a row for each tag.
// Source: instance metadata service, instance/compute.
var AzureInstanceTags = tables.DefineByPlatform(tables.Spec{
	Name: "azure_instance_tags", Doc: "Tags of the virtual machine of Azure that the machine is.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{"SELECT value FROM azure_instance_tags WHERE key = 'environment'"},
}, tables.Generators[azureTag]{Linux: generateAzureTags, Windows: generateAzureTags})

func generateAzureTags(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*azureTag) error) error {
	s, ok := inCloud(ctx, host, azure)
	if !ok {
		return nil
	}
	defer s.close()
	return askAzureTags(ctx, s, emit)
}

func askAzureTags(ctx context.Context, s *service, emit func(*azureTag) error) error {
	var c azureCompute
	if err := s.json(ctx, azurePath, &c); err != nil {
		return err
	}
	for _, tag := range c.TagsList {
		if err := emit(&azureTag{VMID: c.VMID, Key: tag.Name, Value: tag.Value}); err != nil {
			return err
		}
	}
	return nil
}
