package software

import (
	"context"
	"path"
	"slices"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateContainerPackages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*containerPackage) error) error {
	index, err := container.IndexOf(ctx, host, q)
	if err != nil {
		return err
	}
	list, err := container.List(ctx, host)
	if err != nil {
		return err
	}
	wanted := q.Equal("container_id")
	var sources []tables.Constraint
	if names := q.Equal("source"); names != nil {
		sources = []tables.Constraint{{Column: InstalledSoftware.Column("source"), Op: tables.OpEqual, Values: names}}
	}
	for _, c := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if wanted != nil && !slices.Contains(wanted, c.ID) {
			continue
		}
		owner := index.OwnerOf(c.Ref)
		var stopped error // by the statement, not by the container
		err := packagesInside(ctx, host, c, tables.NewQuery(InstalledSoftware, sources, nil, -1, nil), func(s *installedSoftware) error {
			stopped = emit(&containerPackage{
				ContainerID: c.ID, ContainerRuntime: owner.ContainerRuntime, ContainerName: owner.ContainerName, ContainerImage: owner.ContainerImage,
				ContainerPod: owner.ContainerPod, PID: c.PID, Name: s.Name, Version: s.Version, Source: s.Source, Vendor: s.Vendor, Arch: s.Arch, Path: s.Path,
				SourceName: s.SourceName, Purl: s.Purl,
			})
			return stopped
		})
		if stopped != nil {
			return stopped
		}
		if err != nil {
			hostfile.Skipped(ctx, host, path.Join("/proc", strconv.FormatInt(c.PID, 10), "root"), err)
		}
	}
	return ctx.Err()
}

// packagesInside lists what is installed in a container. That its process is still in it is asked once its root is held, since its
// number may be another's by then.
func packagesInside(ctx context.Context, host tables.Host, c container.Running, q *tables.Query, emit func(*installedSoftware) error) error {
	inside, done, err := host.Inside(c.PID)
	if err != nil {
		return err
	}
	defer done()
	if !container.IsIn(host, c.PID, c.Ref) {
		return nil
	}
	return generateLinuxSoftware(ctx, inside, q, emit)
}
