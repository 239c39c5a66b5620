package containers

import (
	"context"
	"maps"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// dockerContainerLabel is one label of a container.
type dockerContainerLabel struct {
	ID    string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the container; as the statement writes it where that is the start of one."`
	Key   string `col:"key" opt:"index" doc:"Name of the label."`
	Value string `col:"value" doc:"Value of the label."`
}

// dockerLabel is one label of an image or a network.
type dockerLabel struct {
	ID    string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the object; as the statement writes it where that is the start of one."`
	Key   string `col:"key" doc:"Name of the label."`
	Value string `col:"value" doc:"Value of the label."`
}

// dockerVolumeLabel is one label of a volume.
type dockerVolumeLabel struct {
	Name  string `col:"name" opt:"index" doc:"Name of the volume."`
	Key   string `col:"key" opt:"index" doc:"Name of the label."`
	Value string `col:"value" doc:"Value of the label."`
}

// The tables of labels have a row for each label.
// Source: Docker Engine API, the lists of the objects.
var (
	DockerContainerLabels = tables.Define[dockerContainerLabel](tables.Spec{
		Name: "docker_container_labels", Doc: "Labels of containers.",
		Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
		Examples: []string{"SELECT id, value FROM docker_container_labels WHERE key = 'com.docker.compose.project'"},
	}, generateDockerContainerLabels)

	DockerImageLabels = tables.Define[dockerLabel](tables.Spec{
		Name: "docker_image_labels", Doc: "Labels of images.",
		Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
		Examples: []string{"SELECT id, value FROM docker_image_labels WHERE key = 'org.opencontainers.image.source'"},
	}, generateDockerImageLabels)

	DockerNetworkLabels = tables.Define[dockerLabel](tables.Spec{
		Name: "docker_network_labels", Doc: "Labels of Docker's networks.",
		Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
		Examples: []string{"SELECT id, key, value FROM docker_network_labels"},
	}, generateDockerNetworkLabels)

	DockerVolumeLabels = tables.Define[dockerVolumeLabel](tables.Spec{
		Name: "docker_volume_labels", Doc: "Labels of Docker's volumes.",
		Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
		Examples: []string{"SELECT name, key, value FROM docker_volume_labels"},
	}, generateDockerVolumeLabels)
)

func generateDockerContainerLabels(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerContainerLabel) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listContainers, func(_ *unixhttp.Client, c *listedContainer) error {
		return eachLabel(c.Labels, func(key, value string) error {
			return emit(&dockerContainerLabel{ID: askedAs(c.ID, ids), Key: key, Value: value})
		})
	})
}

func generateDockerImageLabels(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerLabel) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listImages, func(_ *unixhttp.Client, i *listedImage) error {
		return eachLabel(i.Labels, func(key, value string) error {
			return emit(&dockerLabel{ID: askedAs(i.ID, ids), Key: key, Value: value})
		})
	})
}

func generateDockerNetworkLabels(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerLabel) error) error {
	ids := q.Equal("id")
	return eachListed(ctx, host, q, listNetworks, func(_ *unixhttp.Client, n *dockerNetworkObject) error {
		return eachLabel(n.Labels, func(key, value string) error {
			return emit(&dockerLabel{ID: askedAs(n.ID, ids), Key: key, Value: value})
		})
	})
}

func generateDockerVolumeLabels(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerVolumeLabel) error) error {
	return eachVolume(ctx, host, q, func(v *dockerVolumeObject) error {
		return eachLabel(v.Labels, func(key, value string) error {
			return emit(&dockerVolumeLabel{Name: v.Name, Key: key, Value: value})
		})
	})
}

// eachLabel visits labels in the order of their names.
func eachLabel(labels map[string]string, visit func(key, value string) error) error {
	for _, key := range sortedKeys(labels) {
		if err := visit(key, labels[key]); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
