package cloud

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// yandexMetadata is what Yandex Cloud tells of the machine.
type yandexMetadata struct {
	InstanceID        string `col:"instance_id" opt:"index" doc:"Identifier of the instance."`
	FolderID          string `col:"folder_id" doc:"Folder that it is in."`
	CloudID           string `col:"cloud_id" doc:"Cloud that it is in."`
	Name              string `col:"name" doc:"Name of the instance."`
	Description       string `col:"description" doc:"Description of the instance."`
	Hostname          string `col:"hostname" doc:"Name of the host."`
	Zone              string `col:"zone" doc:"Zone of the cloud."`
	SSHPublicKey      string `col:"ssh_public_key" doc:"Public key that the instance was started with."`
	SerialPortEnabled string `col:"serial_port_enabled" doc:"true where its serial console can be reached."`
	MetadataEndpoint  string `col:"metadata_endpoint" opt:"index" doc:"Address of the service that was asked, which is always the cloud's own."`
}

// YCloudInstanceMetadata has one row on an instance of Yandex Cloud.
// Source: instance metadata service, computeMetadata/v1.
var YCloudInstanceMetadata = tables.DefineByPlatform(tables.Spec{
	Name: "ycloud_instance_metadata", Doc: "What Yandex Cloud tells of the instance that the machine is.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{"SELECT instance_id, folder_id, zone FROM ycloud_instance_metadata"},
}, tables.Generators[yandexMetadata]{Linux: generateYandexMetadata, Windows: generateYandexMetadata})

func generateYandexMetadata(ctx context.Context, host tables.Host, q *tables.Query, emit func(*yandexMetadata) error) error {
	// A statement may name an endpoint; another than the cloud's own is not asked, so it has no row.
	if wanted := q.Equal("metadata_endpoint"); wanted != nil && !slices.Contains(wanted, metadataBase) {
		return nil
	}
	s, ok := inCloud(ctx, host, yandex)
	if !ok {
		return nil
	}
	defer s.close()
	row, err := askYandex(ctx, s)
	if err != nil {
		return err
	}
	return emit(row)
}

func askYandex(ctx context.Context, s *service) (*yandexMetadata, error) {
	var i struct {
		ID, Name, Description, Hostname, Zone string
		Vendor                                struct{ FolderID, CloudID string }
		Attributes                            struct {
			SSHKeys    string `json:"ssh-keys"`
			SerialPort string `json:"serial-port-enable"`
		}
	}
	if err := s.json(ctx, "/computeMetadata/v1/instance/?alt=json&recursive=true", &i); err != nil {
		return nil, err
	}
	_, key, _ := strings.Cut(i.Attributes.SSHKeys, ":") // user:key
	row := &yandexMetadata{
		InstanceID: i.ID, FolderID: i.Vendor.FolderID, CloudID: i.Vendor.CloudID, Name: i.Name, Description: i.Description, Hostname: i.Hostname,
		SSHPublicKey: strings.TrimSpace(key), SerialPortEnabled: "false", MetadataEndpoint: s.base,
	}
	if i.Zone != "" {
		row.Zone = path.Base(i.Zone) // projects/NUMBER/zones/ZONE
	}
	if i.Attributes.SerialPort == "1" || i.Attributes.SerialPort == "true" {
		row.SerialPortEnabled = "true"
	}
	return row, nil
}
