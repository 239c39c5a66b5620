package cloud

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AzureInstanceMetadata,
	AzureInstanceTags,
	Instance,
	EC2InstanceMetadata,
	EC2InstanceTags,
	YCloudInstanceMetadata,
}
