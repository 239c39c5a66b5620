package containers

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// listedImage is what the tables need of an entry of /images/json.
type listedImage struct {
	ID            string `json:"Id"`
	Created, Size int64
	RepoTags      []string
	Labels        map[string]string
}

// listImages cannot be narrowed by id: the daemon's filters are by reference only.
var listImages = dockerList{path: "/images/json"}

// dockerImage is one image.
type dockerImage struct {
	ID        string `col:"id" collate:"NOCASE" doc:"Identifier of the image."`
	Created   int64  `col:"created" doc:"When it was built, in Unix seconds."`
	SizeBytes int64  `col:"size_bytes" doc:"Bytes of all its layers."`
	Tags      string `col:"tags" doc:"Names and tags, parted by commas."`
}

// DockerImages has a row for each image.
// Source: Docker Engine API, /images/json.
var DockerImages = tables.Define[dockerImage](tables.Spec{
	Name: "docker_images", Doc: "Images that Docker, or Podman's service, keeps.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT tags, datetime(created, 'unixepoch') AS built FROM docker_images WHERE created < strftime('%s', 'now', '-1 year')"},
}, generateDockerImages)

func generateDockerImages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerImage) error) error {
	return eachListed(ctx, host, q, listImages, func(_ *unixhttp.Client, i *listedImage) error {
		return emit(&dockerImage{ID: askedAs(i.ID, nil), Created: i.Created, SizeBytes: i.Size, Tags: strings.Join(i.RepoTags, ",")})
	})
}

// dockerLayer is one layer of an image.
type dockerLayer struct {
	ID      string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the image; as the statement writes it where that is the start of one."`
	LayerID string `col:"layer_id" collate:"NOCASE" doc:"Digest of the layer."`
	Order   int32  `col:"layer_order" doc:"Place in the image, 1 for the base."`
}

// DockerImageLayers has a row for each image and layer.
// Source: Docker Engine API, /images/ID/json.
var DockerImageLayers = tables.Define[dockerLayer](tables.Spec{
	Name: "docker_image_layers", Doc: "Layers that images are made of.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT layer_id, count(*) AS images FROM docker_image_layers GROUP BY layer_id ORDER BY images DESC"},
}, generateDockerLayers)

func generateDockerLayers(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerLayer) error) error {
	return eachImage(ctx, host, q, func(docker *unixhttp.Client, id, shown string) error {
		var image struct{ RootFS struct{ Layers []string } }
		if ok, err := inspect(ctx, host, docker, "/images/"+id+"/json", &image); !ok {
			return err
		}
		for i, layer := range image.RootFS.Layers {
			if err := emit(&dockerLayer{ID: shown, LayerID: askedAs(layer, nil), Order: int32(i + 1)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// dockerHistory is one step of an image's making.
type dockerHistory struct {
	ID        string `col:"id" opt:"index" collate:"NOCASE" doc:"Identifier of the image; as the statement writes it where that is the start of one."`
	Created   int64  `col:"created" doc:"When the step was done, in Unix seconds."`
	Size      int64  `col:"size" doc:"Bytes that it added."`
	CreatedBy string `col:"created_by" doc:"Instruction of the step, with credentials masked."`
	Tags      string `col:"tags" doc:"Names that the image had after the step, parted by commas."`
	Comment   string `col:"comment" doc:"Comment of the step."`
}

// DockerImageHistory has a row for each step, the last one first.
// Source: Docker Engine API, /images/ID/history.
var DockerImageHistory = tables.Define[dockerHistory](tables.Spec{
	Name: "docker_image_history", Doc: "Steps by which images were made.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT id, created_by FROM docker_image_history WHERE created_by LIKE '%curl%|%sh%'"},
}, generateDockerHistory)

func generateDockerHistory(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerHistory) error) error {
	return eachImage(ctx, host, q, func(docker *unixhttp.Client, id, shown string) error {
		var steps []struct {
			Created, Size      int64
			CreatedBy, Comment string
			Tags               []string
		}
		if ok, err := inspect(ctx, host, docker, "/images/"+id+"/history", &steps); !ok {
			return err
		}
		for _, s := range steps {
			err := emit(&dockerHistory{
				ID: shown, Created: s.Created, Size: s.Size, CreatedBy: mask.CommandLine(s.CreatedBy), Tags: strings.Join(s.Tags, ","), Comment: s.Comment,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// eachImage visits the images that the statement names, else all, each once. id is what the daemon takes and shown what
// rows carry.
func eachImage(ctx context.Context, host tables.Host, q *tables.Query, visit func(docker *unixhttp.Client, id, shown string) error) error {
	if q.Equal("id") != nil {
		return eachNamed(ctx, host, q, func(docker *unixhttp.Client, id string) error { return visit(docker, id, id) })
	}
	var seen []string
	return eachListed(ctx, host, q, listImages, func(docker *unixhttp.Client, i *listedImage) error {
		shown := askedAs(i.ID, nil)
		if !isDockerID(shown) || slices.Contains(seen, shown) {
			return nil
		}
		seen = append(seen, shown)
		return visit(docker, shown, shown)
	})
}
